#include "lib/base/json.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/stand_in.hpp"

namespace diffusion {
namespace {

constexpr int deepest = 500;  // what writes JSON recurses

bool mentions_specials(std::string_view text) {
  return text.find("NaN") != text.npos || text.find("Infinity") != text.npos;
}

/// Python's json module writes NaN, Infinity and -Infinity bare; quotes them.
std::string quote_bare_specials(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string && c == '\\' && i + 1 < text.size()) {
      out.append(text.substr(i, 2));
      i += 2;
      continue;
    }
    if (c == '"') in_string = !in_string;
    bool replaced = false;
    if (!in_string)
      for (const std::string_view bare : {"NaN", "-Infinity", "Infinity"})
        if (text.substr(i).starts_with(bare)) {
          out.append("\"").append(bare).append("\"");
          i += bare.size();
          replaced = true;
          break;
        }
    if (!replaced) out += text[i++];
  }
  return out;
}

void write(const Json& json, int indent, std::string& out) {
  const bool nested =
      json.is_object() || (json.is_array() && !json.empty() && json[0].is_structured());
  if (!nested || json.empty()) {
    out += one_line(json);
    return;
  }
  const std::string pad(std::size_t(indent) + 2, ' ');
  out += json.is_object() ? "{\n" : "[\n";
  bool first = true;
  for (auto it = json.begin(); it != json.end(); ++it) {
    if (!first) out += ",\n";
    first = false;
    out += pad;
    if (json.is_object()) out += one_line(it.key()) + ": ";
    write(*it, indent + 2, out);
  }
  out += "\n" + std::string(std::size_t(indent), ' ') + (json.is_object() ? "}" : "]");
}

}  // namespace

Json parse_json(std::string_view text, const std::string& culprit) {
  std::vector<std::set<std::string>> keys;
  const auto refuse_duplicates = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > deepest) throw Error(culprit + ": nests deeper than " + std::to_string(deepest));
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw Error(culprit + ": the key " + value.dump() + " occurs twice");
    return true;
  };
  try {
    return mentions_specials(text) ? Json::parse(quote_bare_specials(text), refuse_duplicates)
                                   : Json::parse(text, refuse_duplicates);
  } catch (const nlohmann::json::exception& e) {
    if (text.find_first_not_of(" \t\r\n") == text.npos)
      throw Error(culprit + ": is empty, where JSON belongs");
    if (const FileKind kind = file_kind(text); !is_json(kind)) {
      refuse_stand_in(text, culprit);
      if (kind == FileKind::text) throw Error(culprit + ": is text, not JSON");
      refuse_known_kind(kind, culprit, "JSON");
      if (text.find('\0') != text.npos) throw Error(culprit + ": is binary, not JSON");
    }
    std::string why = e.what();
    why.erase(0, why.find("] ") == why.npos ? 0 : why.find("] ") + 2);
    throw Error(culprit + ": not valid JSON (" + why + ")");
  }
}

Json read_json(const std::string& path) {
  return parse_json(read_text(path), path == "-" ? "standard input" : path);
}

std::string to_text(const Json& json) {
  std::string out;
  write(json, 0, out);
  out += '\n';
  return out;
}

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json number_to_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

double number_from_json(const Json& json, const std::string& what) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (json.is_number()) return json.get<double>();
  if (json == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (json == "Infinity") return inf;
  if (json == "-Infinity") return -inf;
  throw Error(what + ": needs a number, got " + json.dump());
}

}  // namespace diffusion
