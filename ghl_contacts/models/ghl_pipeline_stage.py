from odoo import fields, models


class GhlPipelineStage(models.Model):
    """A stage of a pipeline. Source: ``stages`` of GET /opportunities/pipelines."""

    _name = "ghl.pipeline.stage"
    _description = "GoHighLevel Pipeline Stage"
    _inherit = ["ghl.mirror.mixin"]
    _order = "pipeline_id, sequence, id"
    _mirror_entity = "stages"
    _mirror_references = {"pipeline_id": "pipeline_external_id"}

    name = fields.Char(readonly=True)
    sequence = fields.Integer(readonly=True)
    win_probability = fields.Float(readonly=True, help="Percent")
    pipeline_external_id = fields.Char("GHL pipeline ID", readonly=True)
    pipeline_id = fields.Many2one("ghl.pipeline", readonly=True, index=True, ondelete="cascade")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")
