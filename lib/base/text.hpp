// Numbers to text and back, whatever the locale, and words for messages.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffusion {

/// The whole of `text` as a number, or nothing. Accepts inf and nan.
std::optional<double> parse_number(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

/// "32x32x3": whole numbers from 1 up with an x between them; nothing for any other text.
std::optional<std::vector<std::size_t>> parse_extents(std::string_view text);

/// Shortest text that reads back as the same double.
std::string shortest(double value);

/// `digits` significant digits, trailing zeros dropped: 0.01004, 4.0358e-05.
std::string significant(double value, int digits);

std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> words, std::string_view separator);

/// `text` on one line and in valid UTF-8, for files and pictures: control characters
/// become blanks, bytes that are no UTF-8 question marks.
std::string printable(std::string_view text);

/// The candidate within two edits of `word`, if there is one: "did you mean".
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// "1 image", "2 images".
std::string count_of(std::size_t count, const std::string& what);

/// 1234567 -> "1.2 MB": for messages to people.
std::string human_bytes(double bytes);

}  // namespace diffusion
