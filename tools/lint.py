#!/usr/bin/env python3
"""The house rules that a machine can check. Each rule is a function that yields findings; `lint.py RULE...` runs those,
`lint.py` runs all.   Rules: lengths, exceptions, versions, coroutines, words, interfaces."""
import re
import sys

from sources import ROOT, all_text_files, blank, code_files, finish, line_of, name_of, tree_files

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60


# ---- lengths: files of at most 500 lines, functions of at most 60 ----------------------------------------------

def scope_kind(head):
    """What a brace opens, by the text before it since the last statement."""
    head = re.sub(r"\btemplate\s*<[^;{}]*?>\s*(?=\w|requires)", " ", head, flags=re.S)
    if re.search(r"\bnamespace\b", head) or re.search(r'\bextern\s*"\s*"\s*$', head):
        return "namespace"
    if re.search(r"\b(class|struct|union|enum)\b[^()]*$", re.sub(r"\([^()]*\)", "", head)) and "=" not in head:
        if not re.search(r"\)\s*(const|noexcept|override|final|->[^{]*)*\s*$", head):
            return "type"
    return "function" if "(" in head else "value"


def functions(code):
    """(first line, last line) of every function body, lambdas and local scopes counted with what holds them."""
    scopes, start = [], 0
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), code, flags=re.M)
    for match in re.finditer(r"[{};]", code):
        inside = scopes and scopes[-1][0] in ("function", "value")
        if match.group(0) == "{":
            head = code[start:match.start()]
            kind = "value" if inside else scope_kind(head)
            scopes.append((kind, start + len(head) - len(head.lstrip()), start))
        elif match.group(0) == "}" and scopes:
            kind, begin, before = scopes.pop()
            if re.match(r"\s*[{,)]", code[match.end():]):  # S() : a_{1} { ... : the head goes on behind it
                start = before
                continue
            if kind == "function":
                yield line_of(code, begin), line_of(code, match.start())
        start = match.end()


def lengths():
    scripts = [path for path in tree_files() if path.suffix in (".py", ".sh", ".cmake") and path.is_file()]
    for path in [*code_files(), *scripts]:
        text = path.read_text()
        lines = text.count("\n")
        if lines > MAX_FILE_LINES:
            yield f"{name_of(path)}: {lines} lines; at most {MAX_FILE_LINES}: split it by ideas"
        if path.suffix == ".def" or path in scripts:
            continue
        for first, last in functions(blank(text)):
            if last - first + 1 > MAX_FUNCTION_LINES:
                yield f"{name_of(path)}:{first}: a function of {last - first + 1} lines; at most {MAX_FUNCTION_LINES}"


# ---- exceptions: library rooms throw nothing and ask no object for its type ------------------------------------

def exceptions():
    for path in code_files("include", "src"):
        name = name_of(path)
        if name.startswith(("src/net/", "src/cli/", "include/bulla/net/")):
            continue
        code = blank(path.read_text())
        if name == "src/base/error.cpp":  # Result::value() ends here, for callers who like exceptions
            code = code.replace("throw BadResult(error);", "     BadResult(error);", 1)
        for match in re.finditer(r"\b(throw|dynamic_cast|typeid)\b", code):
            yield f"{name}:{line_of(code, match.start())}: '{match.group(0)}' in a library room"


# ---- versions: a TLS 1.3 handler never asks for the version ------------------------------------------------------

def versions():
    pattern = re.compile(r"\b(if|switch)\s*(constexpr\s*)?\(\s*!?\s*(\w+(\.|->|::))*(negotiated_)?version(_|\(\))?\s*(==|!=|<|>|\))")
    for path in code_files("src"):
        if "/tls13/" not in name_of(path):
            continue
        code = blank(path.read_text())
        for match in pattern.finditer(code):
            yield f"{name_of(path)}:{line_of(code, match.start())}: a 1.3 handler asks for the version"


# ---- coroutines: what g++ 12 destroys wrongly in an expression with co_await ---------------------------------------

SUSPECT = re.compile(
    r"(?P<lambda>(?<![\w\])])\[\s*[^\]\s][^\]]*\]\s*(\(|\{|mutable\b|->))|(?P<braces>[\w>,(]\s*\{)|"
    r"(?P<temporary>\bstd::(string|vector|function|optional|shared_ptr|unique_ptr|make_shared|make_unique|to_string)"
    r"\b\s*(<[^;]*?>)?\s*\()")


def operand(code, begin):
    """The text from a co_await to the end of its expression."""
    depth = 0
    for i in range(begin, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth < 0:
                return code[begin:i]
        elif code[i] == ";" and depth == 0:
            return code[begin:i]
    return code[begin:]


def coroutines():
    for path in code_files():
        code = blank(path.read_text())
        for match in re.finditer(r"\bco_await\b", code):
            statement = max(code.rfind(c, 0, match.start()) for c in ";{}") + 1
            suspect = SUSPECT.search(code[statement:match.start()] + operand(code, match.start()))
            if suspect:
                yield (f"{name_of(path)}:{line_of(code, match.start())}: a {suspect.lastgroup} within an expression that has "
                       "co_await: name it first (g++ 12 destroys it twice or never)")


# ---- words: what must not stand in a finished tree -----------------------------------------------------------------

WORDS = [
    (re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"), "an unfinished thought"),
    (re.compile(r"(?<![\w.}/~*])/(home|root|Users|work|srv|mnt|private)/(?!ea\b)\w"), "a path of somebody's machine"),
    (re.compile(r"(?<![\w.}/~*-])/tm" r"p/\w"), "a fixed path in the folder for temporary files"),
]
HUGE = re.compile(r"^[\w+/=]{200,}$")


def words():
    for path, text in all_text_files():
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > 2000 or HUGE.match(line):
                continue
            for pattern, what in WORDS:
                match = pattern.search(line)
                if match:
                    yield f"{name_of(path)}:{number}: '{match.group(0)}' is {what}"


# ---- interfaces: the install test derives from every class that users may derive from ----------------------------

def interfaces():
    consumer = blank((ROOT / "tests/install/consumer/main.cpp").read_text())
    for path in code_files("include"):
        code = blank(path.read_text())
        for match in re.finditer(r"\b(?:class|struct)\s+(\w+)\s*\{", code):
            body = code[match.end():code.find("\n};", match.end())]
            if re.search(r"\bvirtual\b", body) and not re.search(rf":\s*(public )?bulla::(\w+::)*{match.group(1)}\b", consumer):
                yield f"{name_of(path)}:{line_of(code, match.start())}: tests/install does not derive from {match.group(1)}"


RULES = {rule.__name__: rule for rule in (lengths, exceptions, versions, coroutines, words, interfaces)}


def main():
    names = sys.argv[1:] or list(RULES)
    findings = [finding for name in names for finding in RULES[name]()]
    finish("lint " + " ".join(names), findings)


if __name__ == "__main__":
    main()
