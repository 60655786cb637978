"""Values of a contact that callers expect and the mirror does not hold: the only place that names them.

They come from AI grading and from automations, which are not mirrored. Each has the value callers know as
"nothing yet", so that their tables and filters work.
"""

VALUES = {
    "ai_status": "<span>Not Contacted</span>",
    "ai_status_code": "not_contacted",
    "ai_summary": "Read",
    "ai_reasoning": "",
    "ai_quality_grade": "no_grade",
    "ai_sales_grade": "no_grade",
    "category": "manual",
    "channel": "manual",
    "created_by": "",
    "attribution": "",
}
