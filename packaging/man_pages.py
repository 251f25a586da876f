#!/usr/bin/env python3
"""Manual pages from the program's own help: man_pages.py PROGRAM VERSION FOLDER

One page for each command, tarflow-mol.1, tarflow-mol-train.1, tarflow-mol-image-train.1 …, of what
`--experimental-dump-help` of swift-argument-parser says.
"""

import json
import pathlib
import subprocess
import sys


def escape(text):
    """Text as roff has it: no line may begin with a control character."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.splitlines())


def spelled(argument):
    """The forms of an argument: `--output <folder>`, `-n <number>, --number <number>`, or its name."""
    value = argument.get("valueName", "value")
    if argument["kind"] == "positional":
        return f"<{value}>"
    names = ["-" * (1 if name["kind"] == "short" else 2) + name["name"] for name in argument["names"]]
    if argument["kind"] == "option":
        names = [f"{name} <{value}>" for name in names]
    return ", ".join(names)


def in_synopsis(argument):
    name = argument.get("preferredName")
    if argument["kind"] == "positional":
        text = f"<{argument['valueName']}>"
    else:
        text = "-" * (1 if name["kind"] == "short" else 2) + name["name"]
        if argument["kind"] == "option":
            text += f" <{argument['valueName']}>"
    text += "..." if argument.get("isRepeating") else ""
    return f"[{text}]" if argument["isOptional"] else text


def page(command, parents, version):
    names = [*parents, command["commandName"]]
    shown = [a for a in command.get("arguments", []) if a["shouldDisplay"]]
    below = [c for c in command.get("subcommands", []) if c["shouldDisplay"]]
    lines = [f'.TH "{"-".join(names).upper()}" 1 "" "tarflow-mol {version}" "tarflow-mol"', ".SH NAME",
             f"{escape('-'.join(names))} \\- {escape(command.get('abstract', ''))}", ".SH SYNOPSIS",
             f".B {escape(' '.join(names))}"]
    lines += [escape(in_synopsis(a)) for a in shown]
    if below:
        lines.append("<command>")
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", escape(command["discussion"])]
    groups = {}
    for argument in shown:
        groups.setdefault(argument.get("sectionTitle") or "Options", []).append(argument)
    for title, arguments in groups.items():
        lines.append(f'.SH "{title.upper()}"')
        for argument in arguments:
            about = argument.get("abstract", "")
            if argument.get("allValues"):
                about += f" One of {', '.join(argument['allValues'])}."
            if argument.get("defaultValue"):
                about += f" Default: {argument['defaultValue']}."
            lines += [".TP", f".B {escape(spelled(argument))}", escape(about.strip()) or "\\&"]
    if below:
        lines.append(".SH COMMANDS")
        for child in below:
            lines += [".TP", f".B {escape(child['commandName'])}", escape(child.get("abstract", ""))]
    seen = ["-".join(parents)] if parents else []
    seen += ["-".join([*names, child["commandName"]]) for child in below]
    if seen:
        lines += [".SH SEE ALSO", ", ".join(f"\\fB{escape(name)}\\fR(1)" for name in seen)]
    pages = {"-".join(names): "\n".join(lines) + "\n"}
    for child in below:
        if child["commandName"] != "help":
            pages |= page(child, names, version)
    return pages


def main():
    program, version, folder = sys.argv[1:]
    text = subprocess.run(
        [program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    target = pathlib.Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, lines in page(json.loads(text)["command"], [], version).items():
        (target / f"{name}.1").write_text(lines)


if __name__ == "__main__":
    main()
