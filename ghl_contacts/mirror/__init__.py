"""The sync engine: what to read (``entities``), reading ahead (``prefetch``), writing in bulk (``merge``), the walk
with its cursors (``pull``), what is gone or arrived late (``settle``), and the way to GoHighLevel (``connection``)."""
