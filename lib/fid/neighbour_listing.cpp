#include "lib/fid/neighbour_listing.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/comparison.hpp"

namespace diffusion {

NamedSet gather_named(SetReader& reader, const std::string& data) {
  OpenSet open = reader.open(data);
  const Keep keep{FeatureKind::features, Account::rows};
  if (const auto reason = reader.lacks(open, keep)) throw Error("neighbours: " + *reason);
  FeatureSetBuilder builder(data, {keep});
  NamedSet out{data, {}, {}};
  const Json provenance = reader.pass(
      std::move(open), {.rows = [&](std::span<const Tensor> rows) { builder.add(rows); },
                        .name = [&](const std::string& name) { out.names.push_back(name); }});
  out.set = std::move(builder).finish(provenance);
  if (out.names.size() < 2) throw Error(data + ": one image; neighbours need two at least");
  return out;
}

NeighbourListing list_neighbours(const NamedSet& real, const NamedSet& fake, std::size_t most,
                                 double threshold) {
  check_comparable(real.set, fake.set);
  NeighbourListing listing{.real = real,
                           .fake = fake,
                           .shown = report_neighbours(real.rows(), fake.rows()),
                           .samples = fake.names.size(),
                           .summary = {},
                           .threshold = threshold};
  listing.summary = summarise(listing.shown, threshold);
  if (most > 0 && most < listing.shown.size()) listing.shown.resize(most);
  return listing;
}

Json listing_to_json(const NeighbourListing& listing, const ImageSetOptions& images) {
  Json rows = Json::array();
  for (const SampleReport& r : listing.shown)
    rows.push_back({{"sample", printable(listing.fake.names[r.sample])},
                    {"nearest", printable(listing.real.names[r.nearest])},
                    {"distance", r.distance},
                    {"second_distance", r.second},
                    {"ratio", r.ratio},
                    {"twin", printable(listing.fake.names[r.twin])},
                    {"twin_distance", r.twin_distance}});
  Json out = {{"copies", listing.summary.copies},
              {"copied_part", double(listing.summary.copies) / double(listing.samples)},
              {"duplicates", listing.summary.duplicates},
              {"threshold", listing.threshold},
              {"n_real", listing.real.names.size()},
              {"n_fake", listing.fake.names.size()}};
  const bool real_tells = !features_of(listing.real.set).empty();
  out.update(account_of_features((real_tells ? listing.real : listing.fake).set, images));
  out["pairs"] = std::move(rows);
  return out;
}

std::string listing_to_text(const NeighbourListing& listing) {
  std::string text = "ratio\tdistance\tsample\tnearest\ttwin_distance\ttwin\n";
  for (const SampleReport& r : listing.shown)
    text += significant(r.ratio, 4) + "\t" + significant(r.distance, 4) + "\t" +
            printable(listing.fake.names[r.sample]) + "\t" +
            printable(listing.real.names[r.nearest]) + "\t" + significant(r.twin_distance, 4) +
            "\t" + printable(listing.fake.names[r.twin]) + "\n";
  return text;
}

}  // namespace diffusion
