from odoo import fields, models


class GhlPipeline(models.Model):
    """A sales pipeline of a location. Source: GET /opportunities/pipelines."""

    _name = "ghl.pipeline"
    _description = "GoHighLevel Pipeline"
    _inherit = ["ghl.mirror.mixin"]
    _order = "name, id"
    _mirror_entity = "pipelines"

    name = fields.Char(readonly=True)
    stage_ids = fields.One2many("ghl.pipeline.stage", "pipeline_id", "Stages")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")
