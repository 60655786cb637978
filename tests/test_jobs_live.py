import shutil
from unittest.mock import patch

from odoo.tests import tagged

from .tour_case import TourCase


@tagged("post_install", "-at_install")
class TestLiveList(TourCase):
    def test_the_list_of_jobs_follows_a_change_made_elsewhere(self):
        self.assertTrue(shutil.which("chromium") or shutil.which("google-chrome"), "a browser is needed")
        jobs = self.env["ghl.job"]
        with patch.object(type(jobs), "_job_probe", lambda model, run: None, create=True):
            job = jobs.enqueue("_job_probe", model="ghl.job", name="Live probe", company=self.env.company)
        self.start_tour("/odoo/ghl-jobs", "ghl_job_live_list", login="admin")
        job.invalidate_recordset()
        self.assertEqual(job.state, "cancelled")
