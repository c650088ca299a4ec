# The examples of a document: a line "$ command" in a literal display of a manual
# page's EXAMPLES (in a ```console block of a Markdown file), and the lines below it
# that a terminal would show. Lines that open with "> " go on with the command, as a
# shell's second prompt does.
#
# task=cut writes each to FOLDER/NNN.command and FOLDER/NNN.expected; task=approve
# prints the document with the contents of FOLDER/NNN.shown in place of what stands there.
# usage: awk -v task=cut|approve -v kind=man|markdown -v folder=FOLDER -f examples.awk FILE

function leave_example() {
  if (name != "" && task == "cut") { close(name ".command"); close(name ".expected") }
  if (name != "" && task == "approve")
    while ((getline shown < (name ".shown")) > 0) print kind == "man" ? to_roff(shown) : shown
  name = ""
}

function from_roff(line) {
  gsub(/\\&/, "", line)
  gsub(/\\\(aq/, "'", line)
  gsub(/\\\(ga/, "`", line)
  gsub(/\\\(ti/, "~", line)
  gsub(/\\\(ha/, "^", line)
  gsub(/\\-/, "-", line)
  gsub(/\\e/, "\\", line)
  return line
}

function to_roff(line) {
  gsub(/\\/, "\\e", line)
  if (line ~ /^[.']/) line = "\\&" line
  return line
}

function leave_block() { leave_example(); in_block = 0 }

kind == "man" && /^\.Sh / { in_examples = /^\.Sh EXAMPLES/ }
kind == "man" && /^\.Ed/ { leave_block() }
kind == "markdown" && /^```/ && in_block { leave_block(); was_block = 1 }
kind == "markdown" && /^```console/ && !was_block { in_block = 1; was_block = 0; if (task == "approve") print; next }
kind == "man" && in_examples && /^\.Bd .*-literal/ { in_block = 1; if (task == "approve") print; next }
{ was_block = 0 }

!in_block { if (task == "approve") print; next }

{ text = kind == "man" ? from_roff($0) : $0 }
text ~ /^\$ / {
  leave_example()
  name = sprintf("%s/%03d", folder, ++count)
  output_began = 0
  if (task == "approve") { print; next }
  print substr(text, 3) > (name ".command")
  printf "" > (name ".expected")
  next
}
text ~ /^> / && name != "" && !output_began {
  if (task == "approve") print
  else print substr(text, 3) > (name ".command")
  next
}
name == "" { if (task == "approve") print; next }
{ output_began = 1; if (task == "cut") print text > (name ".expected") }
END { leave_block() }
