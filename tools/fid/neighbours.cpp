#include "tools/fid/neighbours.hpp"

#include <algorithm>
#include <map>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/metrics/neighbours.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {
namespace {

struct NamedSet {
  std::string data;
  FeatureSet set;
  std::vector<std::string> names;  // of the rows

  const RowsView& rows() const { return set.rows.at(FeatureKind::features); }
};

NamedSet gather_named(FidRun& run, const std::string& data) {
  OpenSet open = open_set(run, data);
  const Keep keep{FeatureKind::features, Account::rows};
  if (const auto reason = lacks(run, open, keep)) throw Error("neighbours: " + *reason);
  FeatureSetBuilder builder(data, {keep});
  NamedSet out{data, {}, {}};
  const Json provenance =
      pass_rows(run, std::move(open),
                {.rows = [&](std::span<const Tensor> rows) { builder.add(rows); },
                 .name = [&](const std::string& name) { out.names.push_back(name); }});
  out.set = std::move(builder).finish(provenance);
  if (out.names.size() < 2) throw Error(data + ": one image; neighbours need two at least");
  return out;
}

/// What to print, nearest first.
struct Listing {
  const NamedSet &real, &fake;
  std::span<const SampleReport> shown;
  std::size_t samples;
  MemorisationSummary summary;
  double threshold;
};

Json as_json(const Listing& listing) {
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
  out["features"] = listing.fake.set.provenance.value("features", "ready");
  out["pairs"] = std::move(rows);
  return out;
}

std::string as_table(const Listing& listing) {
  std::string text = "ratio\tdistance\tsample\tnearest\ttwin_distance\ttwin\n";
  for (const SampleReport& r : listing.shown)
    text += significant(r.ratio, 4) + "\t" + significant(r.distance, 4) + "\t" +
            printable(listing.fake.names[r.sample]) + "\t" +
            printable(listing.real.names[r.nearest]) + "\t" + significant(r.twin_distance, 4) +
            "\t" + printable(listing.fake.names[r.twin]) + "\n";
  return text;
}

/// Reads again those images of a set whose names are asked for.
std::map<std::string, Image> pictures(FidRun& run, const std::string& data,
                                      const std::vector<std::string>& names) {
  std::map<std::string, Image> found;
  OpenSet open = open_set(run, data);
  ImageSet* const images = images_of(run, open);
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
  const NamedSet real = gather_named(run, options.data[0]);
  const NamedSet fake = gather_named(run, options.data[1]);
  check_comparable(real.set, fake.set);
  const auto reports = report_neighbours(real.rows(), fake.rows());
  const std::size_t most = options.first == 0 ? reports.size() : options.first;
  const Listing listing{.real = real,
                        .fake = fake,
                        .shown = std::span(reports).first(std::min(most, reports.size())),
                        .samples = reports.size(),
                        .summary = summarise(reports, options.threshold),
                        .threshold = options.threshold};
  if (!options.sheet.empty()) draw_pairs(run, listing);
  write_file(options.output,
             run.tool.common().json ? to_text(as_json(listing)) : as_table(listing));
  run.tool.say(std::to_string(listing.summary.copies) + " of " + std::to_string(reports.size()) +
               " samples have a ratio below " + significant(options.threshold, 3) + "; " +
               std::to_string(listing.summary.duplicates) + " equal another sample");
  return run.failed > 0 ? cli::partial : cli::done;
}

}  // namespace diffusion
