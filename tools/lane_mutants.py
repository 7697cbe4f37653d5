"""Altered sources for prove_lanes.py: a proof that cannot fail would prove nothing."""
import re

from sources import blank

SWAPS = {"+": "-", "-": "+", "*": "+", "<<": ">>", ">>": "<<", "<": "<=", "<=": "<", "==": "!=", "%": "/", "/": "%",
         "add": "subtract", "subtract": "add", "add_low": "add_high", "add_high": "add_low", "madd52lo": "madd52hi",
         "madd52hi": "madd52lo", "left": "right", "right": "left", "doubled": "nine_times", "nine_times": "doubled"}
TOKEN = re.compile(r"0x[0-9a-f]+|(?<![\w.'])\d+\b|<<|>>|<=|==|(?<=\s)[-+*/%<](?=\s)|(?<=[ (])-(?=\w)|(?<=_mm512_)(?:mask_|maskz_)?(?:add|sub)(?=_epi64)"
                   r"|madd52(?:lo|hi)|(?<=W::)(?:add|subtract|add_low|add_high)\b|\b(?:doubled|nine_times)(?=<W>)|\b(?:left|right)(?=<)"
                   r"|\[(?:[a-z]|taken)\]|(?<=\.)[ls][012]\b")


def altered(token, before):
    if re.search(r"\bfor \([^()]*$", before):  # loops end earlier, and not behind the end of an array
        if token == "<":
            return "+ 1 <"
        if before.endswith("< "):
            return None
    if token in SWAPS:
        return SWAPS[token]
    if token.startswith("["):
        return f"[({token[1:-1]} + 1) % 5]" if token in ("[i]", "[m]", "[j]") else f"[{token[1:-1]} + 1]"
    if re.fullmatch(r"(mask_|maskz_)?(add|sub)", token):
        return token.replace("add", "SUB").replace("sub", "add").replace("SUB", "sub")
    if token[0] in "ls":
        return token[0] + ("1" if token[1] == "2" else "2")
    return str(int(token, 0) + 1)


def mutants(text, functions):
    """(what, text) with one constant, operator, index or instruction changed, in the functions of these names."""
    code, seen, alike = blank(text), set(), {}
    for name in functions:
        found = list(re.finditer(r"^[^\n;]*\b" + re.escape(name) + r"(?=[\s(])[^;{]*\{", code, re.M))
        if not found:
            raise ValueError(f"there is no function {name}")
        for match in found:
            end = code.index("\n}", match.end()) if "\n" in code[match.end():match.end() + 2] else code.index("}\n", match.end())
            for token in TOKEN.finditer(code, match.start(), end):
                before, after = text[:token.start()].rpartition("\n")[2], text[token.end():].partition("\n")[0]
                new = altered(token.group(0), before)
                if new is None or "#pragma" in before or token.start() in seen:
                    continue
                seen.add(token.start())
                what = f"{name}: {before.lstrip()}{{{token.group(0)} -> {new}}}{after}"
                alike[what] = alike.get(what, 0) + 1
                yield what + (f" ({alike[what]})" if alike[what] > 1 else ""), text[:token.start()] + new + text[token.end():]
