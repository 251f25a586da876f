#!/usr/bin/env python3
"""Which folder of Sources/ names declarations of which other, and whether they form a circle.

A folder is a target or a folder inside one; files that lie beside folders form the folder `.`.
A folder has an arrow to another when one of its Swift files names

- a type, protocol, function or variable that the other declares at file scope, not private, in the
  same target or, `package` or `public`, in one that the file imports (`extension X` names X; of a
  C target: the import);
- a member that the other adds, by an extension, to a type that is not its own, written `.member`,
  or `member(` in a file that declares or extends the type; and only if no other folder of the tree
  declares a member, or anything at file scope, by that name.

The arrows between targets, and those between the folders of a target (and of a folder), must not
form a circle. If they do, the names and files of its arrows are printed, and the status is 1.

Limits: the text is read, not compiled. Comments and literals are taken out, interpolations stay;
regular expressions between slashes are not understood.

- Not seen: a value whose type is never named, members other than those above, nested types (the
  outer type counts), operators, initialisers in extensions, macros, `@_exported import`.
- A name declared in several folders means that of the own folder, else of the own target, else of
  an imported target; if several are left, it counts for none (`--ambiguous` lists these).
- A name that a file binds somewhere (let, var, parameter, member of a type that it declares or
  extends) is that binding everywhere in the file; but `name(` calls a free function unless the file
  has a function, a closure or a member of that name.
"""
import argparse
import difflib
import functools
import pathlib
import re
import sys
from collections import defaultdict

LITERAL_OR_COMMENT = re.compile(r'//[^\n]*|/\*|#*"""|#*"|\(|\)')
TOKEN = re.compile(r"[#$]?\w+|\.\.\.|\.\.<|->|\S")
TYPES = {"struct", "enum", "class", "actor", "protocol", "typealias"}
KINDS = dict.fromkeys(TYPES, "type") | {"func": "function", "let": "value", "var": "value"}
NAMES = re.compile(r"[\s(]*\w+(?:\s*,\s*\w+)*")
IMPORT = re.compile(r"^[\w@ ]*\bimport (?:(?:struct|enum|class|protocol|func|var) )?(\w+)", re.M)
BEGIN, END = "<!-- arrows -->", "<!-- /arrows -->"


def code(source, at=0, inside=False):
    """`source` from `at` on without comments and with empty literals, up to its end or to the `)`
    that ends an interpolation; and the place behind."""
    kept, depth = [], 0
    while found := LITERAL_OR_COMMENT.search(source, at):
        kept.append(source[at : found.start()])
        mark, at = found.group(), found.end()
        if mark == "/*":
            comments = 1
            while comments:
                edge = re.compile(r"/\*|\*/").search(source, at)
                comments, at = comments + (1 if edge.group() == "/*" else -1), edge.end()
        elif mark in "()":
            depth += 1 if mark == "(" else -1
            if inside and depth < 0:
                return "".join(kept), at
            kept.append(mark)
        elif not mark.startswith("//"):
            quotes, hashes = mark.strip("#"), "#" * mark.count("#")
            edges = re.compile(rf"\\{hashes}(.)|{quotes}{hashes}", re.DOTALL)
            kept.append('""')
            while (edge := edges.search(source, at)).group(1):
                at = edge.end()
                if edge.group(1) == "(":
                    part, at = code(source, at, inside=True)
                    kept.append(f"({part})")
            at = edge.end()
    return "".join(kept) + source[at:], len(source)


class SwiftFile:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        try:
            self.text = code(path.read_text())[0].replace("`", " ")
        except AttributeError:
            sys.exit(f"{path}: a comment or a literal has no end")
        self.tokens = [(m.group(), m.start(), m.end()) for m in TOKEN.finditer(self.text)]
        self.imports = set(IMPORT.findall(self.text))
        self.declared, self.private, self.exported = {}, set(), set()  # name: kind; and names
        self.members, self.added = defaultdict(set), set()  # type: names; (type, name)
        self.read_declarations()

    def read_declarations(self):
        # Of each open bracket: None, or the outer type with members in it, and whether they count
        # as added by an extension.
        scopes, coming = [], None
        words = [word for word, _, _ in self.tokens] + [""]
        for i, (word, start, end) in enumerate(self.tokens):
            if word in "({[":
                scopes.append(coming if word == "{" else None)
                coming = None if word == "{" else coming
            elif word in ")}]" and not scopes:
                sys.exit(f"{self.path}: a {word} closes nothing")
            elif word in ")}]":
                scopes.pop()
            scope, following = scopes[-1] if scopes else ("", False), words[i + 1]
            if scope is None or words[i - 1] == "." or following in ("func", "var"):
                continue
            before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
            private = re.search(r"\b(file)?private\b(?!\(set)", before)
            exported = re.search(r"\b(package|public|open)\b(?!\(set)", before)
            if word == "extension":
                coming = ("Array" if following == "[" else following, not private)
                self.members[coming[0]] |= set()
            elif (word in KINDS or word == "case") and re.match(r"[^\W\d]|\(", following):
                names = {following}  # of a pattern or a list: all of them
                if word not in KINDS or KINDS[word] == "value":
                    names = set(re.findall(r"\w+", NAMES.match(self.text, end)[0]))
                if word in TYPES - {"typealias"}:
                    coming = (scope[0] or following, False)
                    self.members[coming[0]] |= set()
                if exported and (not scope[0] or scope[1]):
                    self.exported |= names
                if scope[0]:
                    self.members[scope[0]] |= names
                    self.added |= {(scope[0], name) for name in names if scope[1] and not private}
                elif private:
                    self.private |= names
                else:
                    self.declared |= dict.fromkeys(names, KINDS[word])

    @functools.cache
    def binds(self, name, called):
        """Whether the file has a function or closure `name`; or, if not called, anything local."""
        pattern = rf"\bfunc\s+{name}\b|\b{name}:\s*(?:@\w+\s*)*\(|\b(?:let|var)\s+{name}\s*=\s*\{{"
        if not called:
            pattern = rf"\b(?:func|let|var|for)\s+(?:\([\w\s,]*)?{name}\b|"
            pattern += rf"\b{name}(?:\s+\w+)?:\s*(?:[A-Z@([]|any\b|some\b|inout\b)|"
            pattern += rf"\b{name}(?:,\s*\w+)*\)?\s+in\b"
        return re.search(pattern, self.text) is not None


class Tree:
    """The folders below `root`, as tuples, with their lines, and the arrows between them."""

    def __init__(self, root):
        files, self.lines, self.c_targets = [], defaultdict(int), set()
        for path in sorted(root.rglob("*.*")):
            folder = path.relative_to(root).parts[:-1]
            if not folder or path.suffix not in (".swift", ".c", ".h"):
                continue
            if path.suffix == ".swift":
                files.append(SwiftFile(path, folder))
            else:  # a C target is one folder
                folder = folder[:1]
                self.c_targets |= {folder[0]}
            self.lines[folder] += path.read_text().count("\n")
        self.modules = {folder[0].replace("-", "_"): folder[0] for folder in self.lines}
        self.declared, self.members = defaultdict(dict), defaultdict(set)
        self.exported = {(file.folder, name) for file in files for name in file.exported}
        known = defaultdict(set)  # name: folders that declare it, as a member or at file scope
        for file in files:
            for name, kind in file.declared.items():
                self.declared[name][file.folder] = kind
            for type_name, names in file.members.items():
                self.members[type_name] |= names
            for name in {*file.declared, *file.private}.union(*file.members.values()):
                known[name].add(file.folder)
        self.added = {}  # name of a member: the folder that adds it, the type
        for file in files:
            for type_name, name in file.added:
                if len(known[name]) == 1 and file.folder not in self.declared[type_name]:
                    self.added[name] = file.folder, type_name
        self.arrows, self.imports = set(), set()  # (from, to, name, path)
        self.ambiguous = set()  # (from, "these or those", name, path)
        for file in files:
            self.read_uses(file)

    def read_uses(self, file):
        target = file.folder[0]
        seen = {target} | {self.modules[name] for name in file.imports & {*self.modules}}
        self.imports |= {(file.folder, (other,), "import", file.path) for other in seen - {target}}
        own = file.private.union(*(self.members[type_name] for type_name in file.members))
        tokens = [("", 0, 0)] * 2 + file.tokens + [("", 0, 0)]
        for i, (word, _, end) in enumerate(tokens):
            if word not in self.declared and word not in self.added:
                continue
            following = tokens[i + 1][0] if tokens[i + 1][1] == end else ""
            member, module = tokens[i - 1][0] == ".", self.modules.get(tokens[i - 2][0])
            qualified = member and module in seen
            if word in self.added:
                folder, type_name = self.added[word]
                called = following == "(" and type_name in file.members
                called = called and not file.binds(word, called)
                reached = (folder, word) in self.exported or folder[0] == target
                reached = reached and folder[0] in seen and folder != file.folder
                if reached and (member or called):
                    self.arrows.add((file.folder, folder, word, file.path))
            places = self.declared.get(word, {})
            if (member and not qualified) or file.folder in places:
                continue
            targets = {module} if qualified else seen
            folders = {place for place in places if place[0] == target and target in targets} or {
                place for place in places if place[0] in targets and (place, word) in self.exported
            }
            types = "type" in {places[folder] for folder in folders}
            local = not types and (following == ":" or file.binds(word, following == "("))
            if not qualified and (word in own or local):
                continue
            if len(folders) == 1:
                self.arrows.add((file.folder, *folders, word, file.path))
            elif folders:
                choice = " or ".join(sorted("/".join(folder) for folder in folders))
                self.ambiguous.add(("/".join(file.folder), choice, word, file.path))

    def within(self, start):
        """The arrows between the children of the folder `start`."""
        level = len(start)
        for one, other, *what in self.arrows | (set() if start else self.imports):
            ends = (*one, ".")[level : level + 1] + (*other, ".")[level : level + 1]
            if one[:level] == other[:level] == start and ends[0] != ends[1]:
                yield *ends, *what

    def circles(self):
        """(the folder, the children of it that reach each other, the arrows between these)"""
        for start in sorted({folder[:i] for folder in self.lines for i in range(len(folder))}):
            arrows = [*self.within(start)]
            reached = reach(arrows)
            knots = {frozenset(b for b in reached[a] if a in reached[b]) for a in reached}
            for knot in sorted((knot for knot in knots if len(knot) > 1), key=sorted):
                yield start, sorted(knot), [a for a in arrows if knot.issuperset(a[:2])]

    def named_by(self, folder, counts):
        """The folders that `folder` names: those of its own target, then the others by target."""
        names = defaultdict(lambda: defaultdict(set))
        for one, other, name, _ in self.arrows | self.imports:
            if one == folder and (name != "import" or other[0] in self.c_targets):
                names[other[0]]["/".join(other[1:]) or "."].add(name)
        for target in sorted(names, key=lambda target: (target != folder[0], target)):
            places = names[target]
            size = {place: f" {len(found)}" * counts for place, found in places.items()}
            size |= {place: "" for place, found in places.items() if "import" in found}
            listed = ", ".join(place + size[place] for place in sorted(places))
            if target == folder[0]:
                yield listed
            else:
                yield target + (size["."] if [*places] == ["."] else f" ({listed})")

    def table(self, counts=False, lines=False):
        """Markdown: a row for each target, and one for each folder of a target that has several;
        each names only rows above it if there is no circle."""
        between = [*self.within(())]
        reached = reach(between) | reach(self.arrows)

        def height(node):
            return len(reached.get(node, [node])), node

        rows = [["folder", "lines", "names declarations of"], ["---"] * 3]
        for target in sorted(self.modules.values(), key=height):
            folders = [folder for folder in self.lines if folder[0] == target]
            if len(folders) > 1:
                named = sorted({other for one, other, *_ in between if one == target})
                size = sum(self.lines[folder] for folder in folders)
                rows.append([f"**{target}**", str(size), ", ".join(named) or "–"])
            for folder in sorted(folders, key=height):
                name = "/".join((*folder, ".") if folder == (target,) else folder)
                name = name if len(folders) > 1 else f"**{target}**"
                named = ", ".join(self.named_by(folder, counts)) or "–"
                rows.append([name, str(self.lines[folder]), named])
        rows = rows if lines else [[name, named] for name, _, named in rows]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def reach(arrows):
    """What each end of an arrow reaches, itself too."""
    pairs = {(one, other) for one, other, *_ in arrows}
    reached = {end: {end} for pair in pairs for end in pair}
    for _ in reached:
        for one, other in pairs:
            reached[one] |= reached[other]
    return reached


def describe(arrows):
    """A line for each pair of ends, those with the fewest names first."""
    found = defaultdict(lambda: defaultdict(set))
    for one, other, name, path in arrows:
        found[one, other][name].add(path.name)
    for (one, other), names in sorted(found.items(), key=lambda item: (len(item[1]), item[0])):
        named = (f"{name} ({', '.join(sorted(files))})" for name, files in sorted(names.items()))
        yield f"  {one} → {other}: {', '.join(named)}"


def main():
    sources = pathlib.Path(__file__).resolve().parent.parent / "Sources"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=sources)
    parser.add_argument("--lines", action="store_true", help="lines of each folder in the table")
    parser.add_argument("--verbose", action="store_true", help="the names and files of each arrow")
    parser.add_argument("--ambiguous", action="store_true", help="names that count for no folder")
    parser.add_argument("--write", metavar="FILE", type=pathlib.Path, help="renew FILE's table")
    parser.add_argument("--check", metavar="FILE", type=pathlib.Path, help="fail if FILE's is old")
    options = parser.parse_args()
    tree, problems = Tree(options.root), []
    for file in filter(None, (options.write, options.check)):
        before, _, rest = file.read_text().partition(BEGIN)
        old, end, after = rest.partition(END)
        if not end:
            parser.error(f"{file} has no {BEGIN} … {END}")
        new = f"\n\n{tree.table()}\n\n"
        if file == options.write:
            file.write_text(before + BEGIN + new + END + after)
        elif old != new:
            rows = difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=0)
            problems += [f"the table in {file} is old (--write renews it):", *[*rows][2:]]
    if not (options.write or options.check):
        print(tree.table(counts=True, lines=options.lines))
    if options.verbose:
        arrows = (("/".join(one), "/".join(other), *what) for one, other, *what in tree.arrows)
        print("", *describe(arrows), sep="\n")
    if options.ambiguous:
        print("", *describe(tree.ambiguous), sep="\n")
    for start, knot, arrows in tree.circles():
        folder = "/".join((options.root.name, *start))
        problems += [f"circle in {folder}: {', '.join(knot)}", *describe(arrows)]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr, flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
