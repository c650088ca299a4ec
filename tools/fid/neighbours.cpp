#include "tools/fid/neighbours.hpp"

#include <algorithm>
#include <map>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/neighbour_listing.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {
namespace {

using Listing = NeighbourListing;

/// Reads again those images of a set whose names are asked for.
std::map<std::string, Image> pictures(FidRun& run, const std::string& data,
                                      const std::vector<std::string>& names) {
  std::map<std::string, Image> found;
  OpenSet open = run.reader.open(data);
  ImageSet* const images = run.reader.images_of(open);
  if (images == nullptr) throw Error(data + ": --sheet needs images, not features");
  while (const auto entry = images->next())
    if (std::ranges::find(names, entry->name) != names.end()) found[entry->name] = entry->load();
  return found;
}

void draw_pairs(FidRun& run, const Listing& listing) {
  std::vector<std::string> samples, nearest;
  SheetLayout layout{.columns = 2, .scale = 0, .column_labels = {"sample", "nearest"}};
  for (const SampleReport& r : listing.shown) {
    samples.push_back(listing.fake.names[r.sample]);
    nearest.push_back(listing.real.names[r.nearest]);
    layout.row_labels.push_back(significant(r.ratio, 2));
  }
  const auto left = pictures(run, listing.fake.data, samples);
  const auto right = pictures(run, listing.real.data, nearest);
  std::vector<Image> sheet;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    sheet.push_back(left.at(samples[i]));
    sheet.push_back(right.at(nearest[i]));
  }
  write_image(run.options.sheet, contact_sheet(sheet, layout));
}

void check_request(const FidOptions& options) {
  if (options.data.size() != 2) throw Error("neighbours: name two sets, REAL and FAKE");
  const bool piped = std::ranges::count(options.data, "-") > 0;
  if (piped && !options.sheet.empty())
    throw Error("standard input: --sheet reads its images twice; write them to a file first");
  if (!options.sheet.empty() && !is_writable_image_name(options.sheet))
    throw Error(options.sheet + ": not a name of a picture that can be written, such as pairs.png");
}

}  // namespace

cli::ExitCode show_neighbours(FidRun& run) {
  const FidOptions& options = run.options;
  check_request(options);
  const NamedSet real = gather_named(run.reader, options.data[0]);
  const NamedSet fake = gather_named(run.reader, options.data[1]);
  const NeighbourListing listing = list_neighbours(real, fake, options.first, options.threshold);
  if (!options.sheet.empty()) draw_pairs(run, listing);
  write_file(options.output,
             run.tool.common().json ? to_text(listing_to_json(listing)) : listing_to_text(listing));
  run.tool.say(std::to_string(listing.summary.copies) + " of " + std::to_string(listing.samples) +
               " samples have a ratio below " + significant(options.threshold, 3) + "; " +
               std::to_string(listing.summary.duplicates) + " equal another sample");
  return run.ending();
}

}  // namespace diffusion
