#include "lib/tensor/formats/npy_header.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/text.hpp"
#include "lib/tensor/extent.hpp"

namespace diffusion {
namespace {

struct TypeRow {
  NpyType type;
  const char* code;  // NumPy's descr without the byte order
  const char* name;
  std::size_t bytes;
};

constexpr std::array<TypeRow, 12> types{{{NpyType::boolean, "b1", "bool", 1},
                                         {NpyType::uint8, "u1", "uint8", 1},
                                         {NpyType::int8, "i1", "int8", 1},
                                         {NpyType::uint16, "u2", "uint16", 2},
                                         {NpyType::int16, "i2", "int16", 2},
                                         {NpyType::uint32, "u4", "uint32", 4},
                                         {NpyType::int32, "i4", "int32", 4},
                                         {NpyType::uint64, "u8", "uint64", 8},
                                         {NpyType::int64, "i8", "int64", 8},
                                         {NpyType::float16, "f2", "float16", 2},
                                         {NpyType::float32, "f4", "float32", 4},
                                         {NpyType::float64, "f8", "float64", 8}}};

const TypeRow& row_of(NpyType type) { return *std::ranges::find(types, type, &TypeRow::type); }

constexpr bool little = std::endian::native == std::endian::little;
constexpr std::size_t highest_rank = 64;

/// Reads the dictionary's text. Only what NumPy writes is understood: strings,
/// True and False, tuples of whole numbers.
class DictionaryReader {
 public:
  DictionaryReader(std::string_view text, const std::string& culprit)
      : rest_(text), culprit_(culprit) {}

  bool accept(char c) {
    skip_space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse(std::string("expected '") + c + "'");
  }
  std::string text() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote != '\'' && quote != '"') refuse("expected a quoted text");
    const auto end = rest_.find(quote, 1);
    if (end == rest_.npos) refuse("a quoted text does not end");
    const std::string value(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return value;
  }
  bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"})
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    refuse("expected True or False");
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> values;
    expect('(');
    while (!accept(')')) {
      values.push_back(whole());
      if (values.size() > highest_rank) refuse("more than 64 axes");
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }
  bool at_list() {
    skip_space();
    return rest_.starts_with('[');
  }
  void finish() {
    skip_space();
    if (!rest_.empty()) refuse("text follows the dictionary");
  }
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(culprit_ + ": not a .npy header that can be read (" + why + ")");
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  std::size_t whole() {
    skip_space();
    const auto digits = rest_.substr(0, rest_.find_first_not_of("0123456789"));
    const auto value = parse_integer(digits);
    if (!value) refuse("expected the length of an axis");
    rest_.remove_prefix(digits.size());
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // Python 2 wrote long integers so
    return std::size_t(*value);
  }

  std::string_view rest_;
  const std::string& culprit_;
};

/// '<f4' to type and byte order.
void read_descr(const std::string& descr, NpyHeader& header, const std::string& culprit) {
  const bool marked = descr.find_first_of("<>|=") == 0;
  const char order = marked ? descr[0] : '=';
  const std::string code = descr.substr(marked ? 1 : 0);
  if (code.starts_with('O'))
    throw Error(culprit +
                ": an array of Python objects; save plain numbers (dtype uint8, float32, ...)");
  const auto row = std::ranges::find_if(types, [&](const TypeRow& r) { return r.code == code; });
  if (row == types.end())
    throw Error(culprit + ": elements of type '" + printable(descr) +
                "' can't be read (has: bool, integers, float16, float32, float64)");
  header.type = row->type;
  header.swapped = row->bytes > 1 && ((order == '<' && !little) || (order == '>' && little));
}

/// One entry of the dictionary, whose key has been read.
void read_entry(const std::string& key, DictionaryReader& reader, NpyHeader& header,
                const std::string& culprit) {
  if (key == "descr") {
    if (reader.at_list())
      throw Error(culprit + ": an array of records; save one plain array instead");
    read_descr(reader.text(), header, culprit);
  } else if (key == "fortran_order") {
    header.fortran = reader.boolean();
  } else if (key == "shape") {
    header.shape = reader.tuple();
  } else {
    reader.refuse("unknown key '" + printable(key) + "'");
  }
}

/// What the dictionary says: element type, order and shape.
NpyHeader read_dictionary(std::string_view text, const std::string& culprit) {
  DictionaryReader reader(text, culprit);
  NpyHeader header{};
  std::vector<std::string> seen;
  reader.expect('{');
  while (!reader.accept('}')) {
    seen.push_back(reader.text());
    reader.expect(':');
    read_entry(seen.back(), reader, header, culprit);
    if (!reader.accept(',')) {
      reader.expect('}');
      break;
    }
  }
  reader.finish();
  std::ranges::sort(seen);
  if (seen != std::vector<std::string>{"descr", "fortran_order", "shape"})
    reader.refuse("it needs descr, fortran_order and shape, each once");
  return header;
}

struct DictionaryPlace {
  std::size_t at, bytes;
};

/// Where the dictionary's text is, by format version.
DictionaryPlace find_text(std::string_view bytes, const std::string& culprit) {
  if (const FileKind kind = file_kind(bytes); kind != FileKind::npy) {
    refuse_known_kind(kind, culprit, "a .npy array");
    throw Error(culprit + ": not a .npy file (it does not begin with \\x93NUMPY)");
  }
  const auto byte = [&](std::size_t i) { return std::size_t(std::uint8_t(bytes[i])); };
  if (bytes.size() < 12) throw Error(culprit + ": truncated within the .npy header");
  const auto version = byte(6);
  if (version < 1 || version > 3)
    throw Error(culprit + ": .npy format version " + std::to_string(version) +
                " is not known (has: 1, 2, 3)");
  DictionaryPlace text{10, byte(8) | byte(9) << 8};
  if (version > 1) text = {12, text.bytes | byte(10) << 16 | byte(11) << 24};
  if (text.bytes > bytes.size() - text.at)
    throw Error(culprit + ": truncated within the .npy header");
  return text;
}

}  // namespace

std::string name_of(NpyType type) { return row_of(type).name; }
std::size_t bytes_per_element(NpyType type) { return row_of(type).bytes; }
bool is_floating(NpyType type) { return type >= NpyType::float16; }

bool is_npy(std::string_view bytes) { return file_kind(bytes) == FileKind::npy; }

void swap_bytes(char* data, std::size_t bytes, std::size_t each) {
  for (std::size_t i = 0; i < bytes; i += each) std::reverse(data + i, data + i + each);
}

NpyHeader read_npy_header(std::string_view front, std::uint64_t file_bytes,
                          const std::string& culprit) {
  const DictionaryPlace text = find_text(front, culprit);
  NpyHeader header = read_dictionary(front.substr(text.at, text.bytes), culprit);
  header.bytes = text.at + text.bytes;
  const auto claimed = bytes_of_shape(header.shape, bytes_per_element(header.type));
  const std::size_t there = file_bytes - header.bytes;
  if (!claimed || *claimed > there)
    throw Error(culprit + ": truncated: the header claims " +
                describe(Shape(header.shape.begin(), header.shape.end())) + " " +
                name_of(header.type) +
                (claimed ? " (" + std::to_string(*claimed) + " bytes)" : "") + ", but " +
                std::to_string(there) + " bytes follow");
  header.data_bytes = *claimed;
  return header;
}

std::string npy_header(NpyType type, const std::vector<std::size_t>& shape) {
  const TypeRow& row = row_of(type);
  std::string text = "{'descr': '";
  text += row.bytes == 1 ? '|' : little ? '<' : '>';
  text += std::string(row.code) + "', 'fortran_order': False, 'shape': (";
  for (const std::size_t extent : shape) text += std::to_string(extent) + ", ";
  if (shape.size() > 1) text.resize(text.size() - 2);
  if (shape.size() == 1) text.pop_back();
  text += "), }";
  constexpr std::size_t before = 10, alignment = 64;
  text.append(alignment - (before + text.size() + 1) % alignment, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += char(text.size() & 0xff);
  header += char(text.size() >> 8);
  return header + text;
}

}  // namespace diffusion
