"""Reads a small part of C++, as src/crypto/ec is written in it, and runs it on whatever numbers it is given: the provers'
way to speak of the source and not of a copy. Whatever is not understood ends in Unknown."""
import re


class Unknown(Exception):
    """Text that this reader does not understand."""


TOKEN = re.compile(r"\s*(0x[0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/|&^%]=|[-+*/%&|^~<>=!.,;:?(){}\[\]])")
TYPES = {"Limb", "DoubleLimb", "Number", "Limbs", "WideLimbs", "size_t", "int", "Residue", "auto", "ec_Limb", "ec_DoubleLimb"}
LEVELS = [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", ">", "<=", ">="], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]]
MOST_STEPS = 100_000
ASSIGNMENTS = {"=", "+=", "-=", "*=", "|=", "&=", "^="}


def simplified(text):
    """Without attributes, pragmas, template arguments and wiping; `x::y` becomes `x_y`."""
    text = re.sub(r"^\s*#pragma[^\n]*$", "", text, flags=re.M)
    text = re.sub(r"\[\[[^\]]*\]\]", "", text)
    text = re.sub(r"\bwipe\(\{.*?\}\);", "", text, flags=re.S)
    text = re.sub(r"static_cast<(\w+)>", r"as_\1", text)
    text = re.sub(r"\bLimbs<2 \* n>", "WideLimbs", text)
    text = re.sub(r"\bLimbs<n>", "Limbs", text)
    return re.sub(r"\b(\w+)::(?=\w)", r"\1_", text)


def tokens(text):
    out, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise Unknown(f"not understood: {text[at:at + 40]!r}")
        out.append(match.group(1))
        at = match.end()
    return out


class Parser:
    """Statements and expressions to nested tuples."""

    def __init__(self, text):
        self.tokens, self.at = tokens(text), 0

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def take(self, wanted=None):
        token = self.peek()
        if token is None or (wanted is not None and token != wanted):
            raise Unknown(f"{wanted!r} wanted, {token!r} found after {' '.join(self.tokens[max(0, self.at - 8):self.at])}")
        self.at += 1
        return token

    def accept(self, token):
        if self.peek() != token:
            return False
        self.at += 1
        return True

    def body(self):
        out = []
        while self.peek() is not None:
            out.append(self.statement())
        return ("block", out)

    def statement(self):
        if self.accept("{"):
            out = []
            while not self.accept("}"):
                out.append(self.statement())
            return ("block", out)
        if self.accept("for"):
            return self.loop()
        if self.accept("if"):
            return self.branch()
        if self.accept("return"):
            value = self.expression()
            self.take(";")
            return ("return", value)
        if self.peek() == "struct":
            return self.local_struct()
        out = self.simple()
        self.take(";")
        return out

    def loop(self):
        self.take("(")
        first = ("block", []) if self.peek() == ";" else self.simple()
        self.take(";")
        condition = self.expression()
        self.take(";")
        step = ("block", []) if self.peek() == ")" else self.simple()
        self.take(")")
        return ("for", first, condition, step, self.statement())

    def branch(self):
        if self.accept("constexpr"):
            for token in ("(", "requires", "{"):
                self.take(token)
            condition = ("exists", self.expression())
            for token in (";", "}", ")"):
                self.take(token)
            first = ("block", [])
        else:
            self.take("(")
            first, condition = ("block", []), None
            if self.is_declaration():
                first = self.simple()
                self.take(";")
            condition = self.expression()
            self.take(")")
        then = self.statement()
        other = self.statement() if self.accept("else") else ("block", [])
        return ("block", [first, ("if", condition, then, other)])

    def local_struct(self):
        """struct { T a[16], b; } s;"""
        self.take("struct"), self.take("{")
        fields = {}
        while not self.accept("}"):
            self.take()
            while True:
                name = self.take()
                size = None
                if self.accept("["):
                    size = int(self.take(), 0)
                    self.take("]")
                fields[name] = size
                if not self.accept(","):
                    break
            self.take(";")
        name = self.take()
        self.take(";")
        return ("struct", name, fields)

    def is_declaration(self):
        at = 1 if self.peek() == "const" else 0
        return self.peek(at) in TYPES and re.fullmatch(r"[A-Za-z_]\w*", self.peek(at + 1) or "") is not None

    def simple(self):
        """A declaration, an assignment or an expression."""
        if not self.is_declaration():
            target = self.expression()
            if self.peek() in ASSIGNMENTS:
                operator = self.take()
                return ("assign", operator, target, self.expression())
            return ("do", target)
        self.accept("const")
        kind, out = self.take(), []
        while True:
            name = self.take()
            if self.accept("="):
                out.append(("declare", kind, name, self.expression()))
            elif self.accept("{"):
                out.append(("declare", kind, name, ("make", kind, self.arguments("}"))))
            else:
                out.append(("declare", kind, name, None))
            if not self.accept(","):
                return ("block", out)

    def arguments(self, end):
        out = []
        while not self.accept(end):
            out.append(self.expression())
            if self.peek() != end:
                self.take(",")
        return out

    def expression(self, level=0):
        if level == len(LEVELS):
            return self.unary()
        left = self.expression(level + 1)
        while self.peek() in LEVELS[level]:
            operator = self.take()
            left = ("binary", operator, left, self.expression(level + 1))
        return left

    def unary(self):
        for operator in ("~", "-", "*", "!", "++", "--"):
            if self.accept(operator):
                return ("unary", operator, self.unary())
        return self.postfix(self.primary())

    def primary(self):
        if self.accept("("):
            inner = self.expression()
            self.take(")")
            return inner
        token = self.take()
        if re.fullmatch(r"0x[0-9a-fA-F]+|\d+", token):
            return ("number", int(token, 0))
        if not re.fullmatch(r"[A-Za-z_]\w*", token):
            raise Unknown(f"not an expression: {token!r}")
        if token in TYPES and self.accept("{"):
            return ("make", token, self.arguments("}"))
        return ("name", token)

    def postfix(self, value):
        while True:
            if self.accept("["):
                value = ("index", value, self.expression())
                self.take("]")
            elif self.accept("("):
                value = ("call", value, self.arguments(")"))
            elif self.accept("."):
                value = ("member", value, self.take())
            elif self.peek() in ("++", "--"):
                value = ("after", self.take(), value)
            else:
                return value


class Function:
    """One function: its parameters as (type, is reference, name), and its statements."""

    def __init__(self, name, parameters, text):
        self.name, self.parameters, self.text = name, [], text
        for part in filter(None, (p.strip() for p in parameters.split(","))):
            match = re.fullmatch(r"(?:const )?(\w+) ?([&*]?) ?(\w+)", " ".join(part.split()))
            if not match:
                raise Unknown(f"{name}: parameter {part!r}")
            self.parameters.append((match.group(1), match.group(2) == "&" and not part.startswith("const "), match.group(3)))
        self.body = Parser(text).body()


HEADER = r"\b{name}\(([^(){{}};]*)\)(?: const)? noexcept \{{"


def braces(text, at):
    """Where the brace that opens before `at` closes."""
    depth = 1
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at - 1


def function(code, name, parameters=None):
    """The function of that name in simplified text, the one with these parameters if there are several."""
    for match in re.finditer(HEADER.format(name=re.escape(name)), code):
        found = " ".join(match.group(1).split())
        if parameters is None or found == parameters:
            return Function(name, found, code[match.end():braces(code, match.end())])
    raise Unknown(f"there is no function {name}({parameters or '...'})")


def constant(code, name):
    """A constant that a lambda computes: `name = [] { ... }();`"""
    match = re.search(r"\b" + name + r" = \[\] \{", code)
    if not match:
        raise Unknown(f"there is no constant {name} of that form")
    return Function(name, "", code[match.end():braces(code, match.end())])


class Returned(Exception):
    def __init__(self, value):
        super().__init__()
        self.value = value


class Cell:
    def __init__(self, value):
        self.value = value


class Pointer:
    def __init__(self, array, at):
        self.array, self.at = array, at


class Machine:
    """Runs functions. `domain` says what limbs are: make(kind, value), unary, binary, and `index_of` for what must be known.
    `scope` holds functions, constants and Python callables by name."""

    def __init__(self, domain, scope):
        self.domain, self.scope, self.frames, self.steps = domain, scope, [], 0

    def call(self, name, *arguments):
        what = self.scope.get(name, self.scope.get("ec_" + name))
        if what is None:
            raise Unknown(f"{name} is not known")
        if not isinstance(what, Function):
            return what(*arguments)
        if len(arguments) != len(what.parameters):
            raise Unknown(f"{name}: {len(arguments)} arguments")
        frame = {}
        for (kind, reference, parameter), argument in zip(what.parameters, arguments):
            by_reference = reference and isinstance(argument, Cell)
            frame[parameter] = argument if by_reference else Cell(self.converted(kind, self.plain(argument), reference))
        return self.run(what, frame)

    def run(self, what, frame):
        self.frames.append(frame)
        try:
            self.execute(what.body)
        except Returned as back:
            return back.value
        finally:
            done = self.frames.pop()
            self.scope.get("on_return", lambda name, frame: None)(what.name, done)
        return None

    @staticmethod
    def plain(value):
        return value.value if isinstance(value, Cell) else value

    def converted(self, kind, value, same=False):
        if isinstance(value, list):
            return value if same else list(value)
        if isinstance(value, Pointer) or kind in ("auto", "Residue"):
            return value
        return self.domain.make(kind.replace("ec_", ""), value)

    def execute(self, node):
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Unknown("it does not end")
        getattr(self, "do_" + node[0])(node)

    def do_block(self, node):
        for inner in node[1]:
            self.execute(inner)

    def do_for(self, node):
        self.execute(node[1])
        while self.domain.index_of(self.value(node[2])):
            self.execute(node[4])
            self.execute(node[3])

    def do_if(self, node):
        self.execute(node[2] if self.domain.index_of(self.value(node[1])) else node[3])

    def do_return(self, node):
        raise Returned(self.value(node[1]))

    def do_struct(self, node):
        self.frames[-1][node[1]] = Cell({name: [None] * size if size else None for name, size in node[2].items()})

    def do_declare(self, node):
        kind, name, first = node[1], node[2], node[3]
        value = None if first is None else self.value(first)
        self.frames[-1][name] = Cell(None if value is None else self.converted(kind, value))

    def do_do(self, node):
        self.value(node[1])

    def do_assign(self, node):
        value = self.value(node[3])
        if node[1] != "=":
            value = self.domain.binary(node[1][0], self.value(node[2]), value)
        self.store(node[2], value)

    def store(self, target, value):
        """Arrays of limbs and limbs keep their type."""
        if target[0] == "name":
            cell = self.frames[-1][target[1]]
            cell.value = self.domain.like(cell.value, list(value) if isinstance(value, list) else value)
        elif target[0] == "index":
            array, at = self.place(target)
            array[at] = self.domain.like(array[at], value)
        elif target[0] == "member":
            self.value(target[1])[target[2]] = value
        else:
            raise Unknown(f"nothing can be stored in {target}")

    def place(self, node):
        array, at = self.value(node[1]), self.domain.index_of(self.value(node[2]))
        if isinstance(array, Pointer):
            array, at = array.array, array.at + at
        if not 0 <= at < len(array):
            raise Unknown(f"index {at} of {len(array)}")
        return array, at

    def value(self, node):
        return getattr(self, "value_" + node[0])(node)

    def value_number(self, node):
        return node[1]

    def value_name(self, node):
        name = node[1]
        if self.frames and name in self.frames[-1]:
            return self.frames[-1][name].value
        if name in self.scope:
            return self.scope[name]
        raise Unknown(f"{name} is not known")

    def value_index(self, node):
        array, at = self.place(node)
        return array[at]

    def value_member(self, node):
        value = self.value(node[1])
        if node[2] == "v_":  # a residue is its limbs here
            return value
        return value[node[2]] if isinstance(value, dict) else getattr(value, node[2])

    def value_make(self, node):
        kind, arguments = node[1].replace("ec_", ""), [self.value(a) for a in node[2]]
        if kind in ("Number", "Limbs", "WideLimbs"):
            return self.domain.array(kind, arguments)
        return self.domain.make(kind, arguments[0] if arguments else 0)

    def value_exists(self, node):
        return node[1][1][1] in self.scope

    def value_unary(self, node):
        if node[1] == "*":
            return self.value(node[2])
        if node[1] in ("++", "--"):
            self.store(node[2], self.domain.binary(node[1][0], self.value(node[2]), 1))
            return self.value(node[2])
        return self.domain.unary(node[1], self.value(node[2]))

    def value_after(self, node):
        before = self.value(node[2])
        self.store(node[2], self.domain.binary(node[1][0], before, 1))
        return before

    def value_binary(self, node):
        left = self.value(node[2])
        if node[1] == "&&":
            return bool(left) and bool(self.value(node[3]))
        right = self.value(node[3])
        if isinstance(left, Pointer):
            if node[1] != "+":
                raise Unknown(f"a pointer {node[1]} something")
            return Pointer(left.array, left.at + right)
        return self.domain.binary(node[1], left, right)

    def value_call(self, node):
        what = node[1]
        if what[0] == "member":
            return self.method(what, node[2])
        name = what[1]
        if name.startswith("as_"):
            return self.converted(name[3:], self.value(node[2][0]))
        return self.call(name, *[self.argument(a) for a in node[2]])

    def method(self, what, arguments):
        owner = self.value(what[1])
        if what[2] == "data":
            return Pointer(owner, 0)
        if what[2] == "size":
            return len(owner)
        return getattr(owner, what[2])(*[self.value(a) for a in arguments])

    def argument(self, node):
        """A name is handed over as the cell it stands for, in case the parameter is a reference."""
        if node[0] == "name" and self.frames and node[1] in self.frames[-1]:
            return self.frames[-1][node[1]]
        return self.value(node)
