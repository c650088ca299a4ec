// What libraries say of files that they can't decode, as it reaches a person.
#pragma once
#include <string>
#include <string_view>

namespace diffusion {

/// "libtiff can't decode it: Seek error at scanline 1": the library's own words on one line.
/// `its_name` is what the file is called there, which is not what the user calls it.
inline std::string said_by(std::string_view library, std::string words,
                           const std::string& its_name = "") {
  const auto replace = [&](const std::string& what, std::string_view by) {
    for (std::size_t at; (at = words.find(what)) != words.npos;) words.replace(at, what.size(), by);
  };
  if (!its_name.empty()) {
    replace(" (\"" + its_name + "\")", "");
    replace("image file \"" + its_name + "\"", "it");
    replace("\"" + its_name + "\"", "it");
    replace(its_name, "it");
  }
  replace("\n", " ");
  words.erase(0, words.find_first_not_of(": "));
  words.erase(words.find_last_not_of(". ") + 1);
  const std::string all = std::string(library) + " can't decode it";
  return words.empty() ? all : all + ": " + words;
}

}  // namespace diffusion
