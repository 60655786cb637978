"""Durable background jobs: at-least-once, leased, retried, unique while active.

Plain Python (no Odoo import): run, outcome, backoff, lease, store, worker. Only ``executors`` knows Odoo.
"""
