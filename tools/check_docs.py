#!/usr/bin/env python3
"""Every public declaration has its comment: in include/, whatever stands in a namespace or in the public part of a type is
preceded by `///` or `/**`, or has `///<` or `/**<` behind it. Lines without a blank one between them share the comment of
the first; a type has its own. Left out: namespaces called detail, forward declarations, specialisations, friends,
destructors, and what is deleted or defaulted. Enumerators belong to their enum. Whether a comment says anything is for
people to judge."""
import re

from lint import scope_kind
from sources import blank, code_files, finish, line_of, name_of

LABEL = re.compile(r"(public|protected|private)\s*:(?!:)\s*")
LEFT_OUT = re.compile(r"friend\b|template\s*<\s*>|(virtual\s+)?~|.*=\s*(delete|default)$", re.S)
FORWARD = re.compile(r"(class|struct)\s+\w+$")


class Scope:
    """A pair of braces: what it is, its declaration, whether what stands in it is public, and the last thing there."""
    def __init__(self, kind, head="", start=0, outer=None):
        self.kind, self.head, self.start = kind, head, start
        hidden = re.search(r"\bnamespace\s+detail\b", head) or outer and not (outer.open and outer.public)
        self.open = kind in ("namespace", "type") and not hidden
        self.public = not (kind == "type" and re.search(r"\bclass\b", re.sub(r"<[^<>]*>|\benum\s+class\b", "", head)))
        self.end, self.documented = 0, False  # of the last declaration in it


def has_comment(lines, first, last):
    """Whether a comment stands right above the lines, or behind one of them."""
    if any("///<" in line or "/**<" in line for line in lines[first - 1:last]):
        return True
    above = first - 2
    if above < 0 or not lines[above].strip():
        return False
    text = lines[above].strip()
    if text.endswith("*/"):
        while above > 0 and "/*" not in lines[above]:
            above -= 1
        text = lines[above].strip()
        return text.startswith("/**") and not text.startswith("/**<")
    return text.startswith("///") and not text.startswith("///<")


def undocumented(text):
    """(line, declaration) of each public declaration without a comment."""
    lines = text.split("\n")
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), blank(text), flags=re.M)
    scopes, start = [Scope("namespace")], 0

    def declared(scope, begin, head, last, is_type=False):
        if not (scope.open and scope.public) or not head:
            return None
        first = line_of(code, begin)
        documented = has_comment(lines, first, last) or (not is_type and scope.documented and first <= scope.end + 1)
        scope.end, scope.documented = last, documented
        left_out = LEFT_OUT.match(head) or (not is_type and FORWARD.match(head))
        return None if documented or left_out else (first, head.split("\n")[0].strip())

    for match in re.finditer(r"[{};]", code):
        scope, raw = scopes[-1], code[start:match.start()]
        begin = start + len(raw) - len(raw.lstrip())
        head = raw.strip()
        while label := LABEL.match(head):
            scope.public = label.group(1) == "public"
            begin += label.end()
            head = head[label.end():]
        finding = None
        if match.group(0) == "{":
            kind = scope_kind(head) if scope.kind in ("namespace", "type") else "value"
            scopes.append(Scope(kind, head, begin, scope))
            if kind == "type":
                finding = declared(scope, begin, head, line_of(code, match.start()), is_type=True)
        elif match.group(0) == "}" and len(scopes) > 1:
            closed = scopes.pop()
            scope = scopes[-1]
            behind = code[match.end():]
            if closed.kind == "value" or re.match(r"\s*[{,)]", behind):
                start = closed.start  # an initialiser: the declaration goes on
                continue
            if closed.kind == "function":
                finding = declared(scope, closed.start, closed.head, line_of(code, match.start()))
            if closed.kind == "type":  # what follows, up to the semicolon, belongs to it
                scope.end = line_of(code, match.end() + max(behind.find(";"), 0))
                start = match.end() + max(behind.find(";"), 0) + 1
                continue
        elif scope.kind in ("namespace", "type"):
            finding = declared(scope, begin, head, line_of(code, match.start()))
        start = match.end()
        if finding:
            yield finding


def main():
    finish("check_docs", [f"{name_of(path)}:{line}: no comment: {what}" for path in code_files("include")
                          if path.suffix == ".h" for line, what in undocumented(path.read_text())])


if __name__ == "__main__":
    main()
