"""Tasks: the location-wide search (201, `_id`) and the per-contact endpoints (`id`, no stamps)."""

from ..clock import iso, now_ms, parse_ms
from ..draw import token
from .api import Page, Routes, dumps
from .contacts import contact_of
from .errors import ApiError
from .keyset import behind, order_by, with_id
from .validate import body_of, check

routes = Routes()
SEARCH = {
    "contactId": "array",
    "completed": "boolean",
    "assignedTo": "array",
    "query": "string",
    "limit": "number",
    "skip": "number",
    "businessId": "string",
    "searchAfter": "array",
    "count": "boolean",
    "overdue": "boolean",
    "unAssigned": "boolean",
    "dueDate": "object",
    "sortKey": "dateAdded|dateUpdated|dueDate",
    "sortDirection": "asc|desc",
}
WRITE = {"title": "string", "body": "string?", "dueDate": "date", "completed": "boolean", "assignedTo": "string?"}
LIMIT_MAX = 1000
NAMELESS = {"firstName": None, "lastName": None}
SORT_COLUMNS = {"dateAdded": "added", "dateUpdated": "updated", "dueDate": "due"}


@routes("POST", "/locations/{locationId}/tasks/search", "locations/tasks.readonly", any_version=True)
def search(call):
    location = call.location(call.args["locationId"])
    body = check(body_of(call.request), SEARCH)
    limit, skip = int(body.get("limit", 25)), int(body.get("skip", 0))
    if not 1 <= limit <= LIMIT_MAX:
        raise ApiError(422, [f"limit must not be {'less than 1' if limit < 1 else f'greater than {LIMIT_MAX}'}"])
    clause, params = _where(call.store, body)
    total = call.store.task.total(location.index, clause, params)
    column = SORT_COLUMNS[body.get("sortKey", "dateAdded")]
    sorts = with_id([(column, body.get("sortDirection", "desc").upper())])
    after = body.get("searchAfter")
    if after:
        if len(after) != 2:
            raise ApiError(422, ["searchAfter must contain 2 elements"])
        more, values = behind(sorts, after)
        clause, params = f"({clause}) AND {more}", [*params, *values]
    keys = call.store.task.keys(location.index, clause, params, order_by(sorts), limit, skip, f", {column}, id")
    tasks = [call.store.task.load(key) for key in keys]
    names = call.store.contact_names({task["contactId"] for task in tasks})
    users = {u["id"]: {"id": u["id"], "firstName": u["firstName"], "lastName": u["lastName"]} for u in location.users}
    rows = [dumps(_row(task, location, names, users, key[6:])) for key, task in zip(keys, tasks, strict=True)]
    rest = {"total": total} if body.get("count") else {}
    return 201, Page("tasks", rows, **rest)


def _where(store, body):
    parts, params = ["1"], []
    for name, column in (("contactId", "contact"), ("assignedTo", "assigned")):
        if body.get(name):
            parts.append(f"{column} IN ({','.join('?' * len(body[name]))})")
            params += [str(v) for v in body[name]]
    if "completed" in body:
        parts.append("completed = ?")
        params.append(int(body["completed"]))
    if body.get("unAssigned"):
        parts.append("assigned IS NULL")
    if body.get("overdue"):
        parts.append("completed = 0 AND due < ?")
        params.append(now_ms())
    for key, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        if key in (body.get("dueDate") or {}):
            parts.append(f"due {sign} ?")
            params.append(parse_ms(body["dueDate"][key]))
    if body.get("query"):
        wanted = body["query"].lower()
        function = f"titled_{store.serial()}"
        store.db.create_function(
            function, 4, lambda pk, loc, n, data: wanted in store.task.load((pk, loc, n, 0, 0, data))["title"].lower()
        )
        parts.append(f"{function}(pk, loc, n, data)")
    return " AND ".join(parts), params


def _row(task, location, names, users, after):
    return {
        "_id": task["id"],
        "title": task["title"],
        "body": task["body"],
        "completed": task["completed"],
        "status": "completed" if task["completed"] else "to_do",
        "statusGroup": "completed" if task["completed"] else "to_do",
        "dueDate": task["dueDate"],
        "contactId": task["contactId"],
        "assignedTo": task["assignedTo"],
        "locationId": location.id,
        "deleted": False,
        "dateAdded": task["dateAdded"],
        "dateUpdated": task["dateUpdated"],
        "contactDetails": names.get(task["contactId"], NAMELESS),
        "assignedToUserDetails": users.get(task["assignedTo"]),
        "isRecurring": False,
        "searchAfter": after,
    }


# -- of one contact ----------------------------------------------------------------------------------------------------


def _view(task):
    return {
        k: task[k]
        for k in ("id", "title", "body", "assignedTo", "dueDate", "completed", "contactId")
        if task[k] is not None
    }


def _task_of(call):
    contact = contact_of(call)
    task = call.own("task", call.args["taskId"], "The task id is invalid.")
    if task["contactId"] != contact["id"]:
        raise ApiError(400, "The task id is invalid.")
    return task


def _save(call, task, changes):
    task.update(changes)
    if "dueDate" in changes:
        task["dueDate"] = iso(parse_ms(changes["dueDate"]))
    task["dateUpdated"] = iso(call.store.stamp())
    return {"task": _view(call.store.task.save(task))}


@routes("GET", "/contacts/{contactId}/tasks", "contacts.readonly")
def of_contact(call):
    contact = contact_of(call)
    return 200, {"tasks": [_view(t) for t in call.store.task.where("contact = ?", (contact["id"],))]}


@routes("POST", "/contacts/{contactId}/tasks", "contacts.write")
def create(call):
    contact = contact_of(call)
    body = check(body_of(call.request), {**WRITE, "title": "string*", "dueDate": "date*", "completed": "boolean*"})
    stamp = iso(call.store.stamp())
    task = {
        "id": token(f"{call.store.plan.seed}/new/task/{call.store.serial()}"),
        "title": body["title"],
        "body": body.get("body"),
        "completed": body["completed"],
        "dueDate": iso(parse_ms(body["dueDate"])),
        "contactId": contact["id"],
        "assignedTo": body.get("assignedTo"),
        "dateAdded": stamp,
        "dateUpdated": stamp,
    }
    return 201, {"task": _view(call.store.task.insert(contact.loc, task))}


@routes("GET", "/contacts/{contactId}/tasks/{taskId}", "contacts.readonly")
def get(call):
    return 200, {"task": _view(_task_of(call))}


@routes("PUT", "/contacts/{contactId}/tasks/{taskId}", "contacts.write")
def update(call):
    task = _task_of(call)
    return 200, _save(call, task, check(body_of(call.request), WRITE))


@routes("PUT", "/contacts/{contactId}/tasks/{taskId}/completed", "contacts.write")
def complete(call):
    task = _task_of(call)
    return 200, _save(call, task, check(body_of(call.request), {"completed": "boolean*"}))


@routes("DELETE", "/contacts/{contactId}/tasks/{taskId}", "contacts.write")
def delete(call):
    call.store.task.delete(_task_of(call))
    return 200, {"succeded": True, "succeeded": True}
