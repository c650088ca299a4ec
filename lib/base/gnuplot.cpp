#include "lib/base/gnuplot.hpp"

#include <cstdlib>
#include <ctime>
#include <iterator>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/process.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// The first line of what gnuplot complained of that is not its pointer to the place.
std::string complaint(const std::string& text) {
  for (const std::string& line : split(text, '\n'))
    if (line.find_first_not_of(" ^\t") != line.npos) return line;
  return "it says nothing";
}

/// A PDF says when it was made, which is not to change its bytes: it says what
/// SOURCE_DATE_EPOCH does, or the epoch.
void fix_date(std::string& picture) {
  const std::string key = "/CreationDate (D:";
  const auto at = picture.find(key);
  if (at == picture.npos) return;
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t when = parse_integer(given == nullptr ? "0" : given).value_or(0);
  std::tm date{};
  char digits[16] = "";
  if (gmtime_r(&when, &date) == nullptr || std::strftime(digits, 15, "%Y%m%d%H%M%S", &date) != 14)
    return;
  picture.replace(at + key.size(), 14, digits);
}

std::string terminal(PictureType type, int width, int height, const std::string& name) {
  const std::string size = std::to_string(width) + "," + std::to_string(height);
  const std::string font = " font 'Sans,11' background rgb 'white'\n";
  switch (type) {
    case PictureType::png:
      return "set terminal pngcairo enhanced size " + size + font;
    case PictureType::svg:
      return "set terminal svg enhanced size " + size + " name '" + name + "'" + font;
    case PictureType::pdf:
      return "set terminal pdfcairo enhanced size " + significant(width / 72.0, 6) + "in," +
             significant(height / 72.0, 6) + "in" + font;
  }
  __builtin_unreachable();
}

}  // namespace

PictureType picture_type(const std::string& path, const std::string& flag) {
  std::string lower = path;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  if (lower.ends_with(".png")) return PictureType::png;
  if (lower.ends_with(".svg")) return PictureType::svg;
  if (lower.ends_with(".pdf")) return PictureType::pdf;
  const std::string wanted = ": name a file for the picture that ends in .png, .svg or .pdf";
  throw Error(path == "-" ? flag + " -" + wanted : path + wanted + " (" + flag + ")");
}

std::string gnuplot_opening(PictureType type, int width, int height, const std::string& name) {
  return "set encoding utf8\n" + terminal(type, width, height, name) +
         "set border 3 lc rgb '#555555'\nset tics nomirror out textcolor rgb '#333333'\n"
         "set grid lt 1 lw 0.6 lc rgb '#dddddd'\n";
}

std::string gnuplot_line(std::size_t index) {
  constexpr const char* colours[] = {"0072b2", "d55e00", "009e73", "cc79a7",
                                     "e69f00", "56b4e9", "000000"};
  constexpr const char* dashes[] = {"1", "2", "4", "5"};
  constexpr std::size_t kinds = std::size(colours);
  return "lc rgb '#" + std::string(colours[index % kinds]) + "' dt " +
         dashes[index / kinds % std::size(dashes)];
}

std::string gnuplot_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : printable(text)) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

void need_gnuplot(const std::string& flag) {
  if (!has_program("gnuplot"))
    throw Error(flag + ": needs gnuplot, which is not installed (package gnuplot-nox, or gnuplot)");
}

std::string draw_with_gnuplot(const std::string& script) {
  need_gnuplot("plot");
  const std::vector<std::string> words{"gnuplot", "--default-settings", "-"};
  const std::vector<std::string> settings{"LC_ALL=C", "TZ=UTC"};
  Finished result = run_program(words, script, settings);
  if (result.status != 0 || result.output.empty())
    throw Error("gnuplot failed: " + complaint(result.error));
  fix_date(result.output);
  return result.output;
}

}  // namespace diffusion
