#include "lib/output/pair_sheet.hpp"

#include <map>
#include <set>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/image/contact_sheet.hpp"

namespace diffusion {
namespace {

using Pictures = std::map<std::string, Image>;

/// Those images of a set whose names are asked for.
Pictures pictures_named(const std::set<std::string>& names, const ImageSet& set) {
  Pictures found;
  while (const auto entry = set.next())
    if (names.contains(entry->name)) found[entry->name] = entry->load();
  return found;
}

const Image& picture(const Pictures& found, const std::string& name) {
  const auto at = found.find(name);
  if (at == found.end()) throw Error(name + ": was there before, and is missing now");
  return at->second;
}

}  // namespace

Image pair_sheet(const ImageSet& samples, const ImageSet& nearest,
                 std::span<const NamedPair> pairs) {
  std::set<std::string> left_names, right_names;
  SheetLayout layout{
      .columns = 2, .scale = SheetLayout::readable, .column_labels = {"sample", "nearest"}};
  for (const NamedPair& pair : pairs) {
    left_names.insert(pair.sample);
    right_names.insert(pair.nearest);
    layout.row_labels.push_back(pair.label);
  }
  const Pictures left = pictures_named(left_names, samples);
  const Pictures right = pictures_named(right_names, nearest);
  std::vector<Image> sheet;
  for (const NamedPair& pair : pairs) {
    sheet.push_back(picture(left, pair.sample));
    sheet.push_back(picture(right, pair.nearest));
  }
  return contact_sheet(sheet, layout);
}

}  // namespace diffusion
