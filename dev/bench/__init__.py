"""Benchmarks: `bin/bench [name ...] [--quick] [--json FILE]`.

Every figure is measured beside its reference (a floor or a peer) in one interleaved run, because on a shared machine
only ratios inside one run mean something. A bench is a package or module here with

    def run(context: Context) -> Iterator[Result]

named in `BENCHES` of `__main__.py`; it says with each `Result` what the figure must reach. See `runner.py` for timing,
`database.py` for databases that are filled once and kept while neither the addon nor the filling code changes, and
`odoo_process.py` for Odoo inside the bench's own process.
"""
