"""A job whose handler the test writes."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase
from odoo.tools import mute_logger

WORKER_LOG = "odoo.addons.ghl.ghl_base.jobs.worker"


class JobCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jobs = cls.env["ghl.job"]
        cls.jobs.search([("state", "=", "pending")]).unlink()
        cls.company = cls.env.company

    @contextmanager
    def handler(self, function):
        """``function(model, run)`` is the job ``_job_probe`` of ghl.job."""
        with patch.object(type(self.jobs), "_job_probe", function, create=True):
            yield

    def enqueue(self, payload=None, **options):
        with self.handler(lambda model, run: None):
            return self.jobs.enqueue(
                "_job_probe", payload, **{"model": "ghl.job", "name": "Probe", "company": self.company, **options}
            )

    def run_job(self, function, **options):
        job = self.enqueue(**options)
        with self.handler(function), mute_logger(WORKER_LOG):
            self.assertEqual(self.jobs.drain(), 1)
        return job
