#include "tools/fid/neighbours.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/neighbour_listing.hpp"
#include "lib/image/image_file.hpp"
#include "lib/output/pair_sheet.hpp"

namespace diffusion {
namespace {

/// The images of a set once more.
ImageSet* reopened(FidRun& run, OpenSet& open, const std::string& data) {
  ImageSet* const images = run.reader.images_of(open);
  if (images == nullptr) throw Error(data + ": --sheet needs images, not features");
  return images;
}

void draw_pairs(FidRun& run, const NeighbourListing& listing) {
  std::vector<NamedPair> pairs;
  for (const SampleReport& r : listing.shown)
    pairs.push_back(
        {significant(r.ratio, 2), listing.fake.names[r.sample], listing.real.names[r.nearest]});
  OpenSet fake = run.reader.open(listing.fake.data), real = run.reader.open(listing.real.data);
  ImageSet& left = *reopened(run, fake, listing.fake.data);
  ImageSet& right = *reopened(run, real, listing.real.data);
  write_image(run.options.sheet, pair_sheet(left, right, pairs));
}

void check_request(const FidOptions& options) {
  if (options.data.size() != 2) throw Error("neighbours: name two sets, REAL and FAKE");
  const auto piped = std::ranges::find_if(options.data, is_stream);
  if (piped != options.data.end() && !options.sheet.empty())
    throw Error((*piped == "-" ? "standard input" : *piped) +
                ": --sheet reads its images twice; write them to a file first");
  if (!options.sheet.empty() && !is_writable_image_name(options.sheet))
    throw Error(options.sheet + ": not a name of a picture that can be written, such as pairs.png");
}

}  // namespace

cli::ExitCode show_neighbours(FidRun& run) {
  const FidOptions& options = run.options;
  check_request(options);
  const NamedSet real = gather_named(run.reader, options.data[0]);
  const NamedSet fake = gather_named(run.reader, options.data[1]);
  run.reader.conclude();
  refuse_idle_reading(run);
  const NeighbourListing listing = list_neighbours(real, fake, options.first, options.threshold);
  if (!options.sheet.empty()) draw_pairs(run, listing);
  write_file(options.output, run.json ? to_text(listing_to_json(listing, options.images))
                                      : listing_to_text(listing));
  run.tool.say(std::to_string(listing.summary.copies) + " of " + std::to_string(listing.samples) +
               " samples have a ratio below " + significant(options.threshold, 3) + "; " +
               std::to_string(listing.summary.duplicates) + " equal another sample");
  return run.ending();
}

}  // namespace diffusion
