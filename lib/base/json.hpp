// The door of nlohmann/json, and JSON as this project reads and writes it.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace diffusion {

/// Keeps the order of keys: what a user wrote comes back in their order.
using Json = nlohmann::ordered_json;

/// Parses one JSON document. Duplicate keys are refused; Python's bare NaN and
/// Infinity are read as the strings this project writes for them. `culprit`
/// (a file's name) opens the message of the Error.
Json parse_json(std::string_view text, const std::string& culprit);
Json read_json(const std::string& path);

/// Numbers in shortest round-trip form; two spaces of indent, arrays of numbers
/// on one line each.
std::string to_text(const Json& json);
/// The same all on one line and without a line's end. In both, bytes that are not UTF-8,
/// as names of files may hold, become U+FFFD.
std::string one_line(const Json& json);

/// A double as JSON: NaN and infinities become "NaN", "Infinity", "-Infinity".
Json number_to_json(double value);
/// The reverse; throws Error naming `what` when it is not a number.
double number_from_json(const Json& json, const std::string& what);

}  // namespace diffusion
