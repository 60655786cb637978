"""Path templates to handlers. `{name}` matches one segment; a literal segment wins over a placeholder."""


class Route:
    __slots__ = ("handler", "method", "options", "template")

    def __init__(self, method, template, handler, options):
        self.method = method
        self.template = template
        self.handler = handler
        self.options = options


class Router:
    def __init__(self):
        self._tree = {}
        self.routes = []

    def add(self, method, template, handler, **options):
        node = self._tree
        for segment in template.strip("/").split("/"):
            node = node.setdefault("{}" if segment.startswith("{") else segment, {})
        names = [s[1:-1] for s in template.strip("/").split("/") if s.startswith("{")]
        route = Route(method, template, handler, options)
        self.routes.append(route)
        node.setdefault("", {})[method] = (route, names)

    def match(self, method, path):
        """(route, path arguments) or (None, None)."""
        found = self._walk(self._tree, path.strip("/").split("/"), 0, [])
        if not found:
            return None, None
        methods, values = found
        hit = methods.get(method)
        if not hit:
            return None, None
        route, names = hit
        return route, dict(zip(names, values, strict=True))

    def _walk(self, node, segments, depth, values):
        if depth == len(segments):
            return (node[""], values) if "" in node else None
        segment = segments[depth]
        if segment in node and segment != "{}":
            found = self._walk(node[segment], segments, depth + 1, values)
            if found:
                return found
        if "{}" in node and segment:
            return self._walk(node["{}"], segments, depth + 1, [*values, segment])
        return None
