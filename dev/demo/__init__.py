"""The product in action on this machine: sandbox, Odoo, a connected and synchronised location."""
