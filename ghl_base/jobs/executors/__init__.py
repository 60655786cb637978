"""Who runs the jobs: a thread of this process, Odoo's cron, or OCA queue_job. The only part of jobs that knows Odoo."""
