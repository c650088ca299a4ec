#include "tools/sample/compare_report.hpp"

#include <algorithm>
#include <ostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {
namespace {

/// Step counts mean nothing to a sampler that goes its own pace.
bool counts_steps(const ComparedRun& run) { return sampler_row(run.sampler).pace == Pace::grid; }

void print_line(std::ostream& out, const ComparedRun& run, const std::string& distance) {
  out << run.sampler << '\t' << (counts_steps(run) ? std::to_string(run.steps) : "-") << '\t'
      << significant(run.evaluations, 6) << '\t' << distance << '\t' << significant(run.seconds, 3)
      << '\n';
}

Json run_to_json(const ComparedRun& run) {
  return {{"sampler", run.sampler},
          {"steps", run.steps},
          {"nfe", number_to_json(run.evaluations)},
          {"distance", run.distance ? number_to_json(*run.distance) : Json(nullptr)},
          {"seconds", number_to_json(run.seconds)}};
}

/// The first samples of a run side by side.
Image tile(const ComparedRun& run, std::size_t shown) {
  const auto& shape = run.samples.shape();
  std::vector<Image> pictures;
  for (std::size_t n = 0; n < std::min(shown, shape[0]); ++n) {
    Image picture{Tensor(Shape{shape[1], shape[2], shape[3]}), Depth::uint8};
    const std::size_t each = picture.pixels.size();
    std::copy_n(run.samples.data() + n * each, each, picture.pixels.data());
    pictures.push_back(std::move(picture));
  }
  return contact_sheet(pictures, {.columns = pictures.size(), .gap = 0});
}

/// The solution, where a sampler goes there.
Image solution_tile(const SamplerComparison& found, const ComparedRun& run, std::size_t shown) {
  Image picture = tile(found.reference, shown);
  if (run.draws_noise) std::ranges::fill(picture.pixels, 1.0f);
  return picture;
}

/// A row a sampler, a column a step count, and in the last the solution.
Image sheet_of(const SamplerComparison& found, std::size_t shown) {
  std::vector<Image> tiles;
  SheetLayout layout{.scale = 0};
  const std::string& first = found.runs[0].sampler;
  for (const ComparedRun& run : found.runs) {
    if (layout.row_labels.empty() || layout.row_labels.back() != run.sampler)
      layout.row_labels.push_back(run.sampler);
    if (run.sampler == first) layout.column_labels.push_back(std::to_string(run.steps) + " steps");
  }
  layout.columns = layout.column_labels.size() + 1;
  layout.column_labels.emplace_back("solution");
  for (const ComparedRun& run : found.runs) {
    tiles.push_back(tile(run, shown));
    if (tiles.size() % layout.columns == layout.columns - 1)
      tiles.push_back(solution_tile(found, run, shown));
  }
  return contact_sheet(tiles, layout);
}

void write_samples(const std::string& path, const SamplerComparison& found) {
  std::vector<std::pair<std::string, std::string>> members{
      {"reference", npy_bytes(found.reference.samples)}};
  for (const ComparedRun& run : found.runs)
    members.emplace_back(run.sampler + "-" + std::to_string(run.steps), npy_bytes(run.samples));
  write_npz(path, members);
}

}  // namespace

void print_table(std::ostream& out, const SamplerComparison& found) {
  out << "sampler\tsteps\tnfe\tdistance\tseconds\n";
  for (const ComparedRun& run : found.runs)
    print_line(out, run, run.distance ? significant(*run.distance, 4) : "-");
  print_line(out, found.reference, "0");
}

Json to_json(const SamplerComparison& found) {
  Json document{{"samples", found.reference.samples.shape(0)}, {"runs", Json::array()}};
  for (const ComparedRun& run : found.runs) document["runs"].push_back(run_to_json(run));
  document["reference"] = run_to_json(found.reference);
  document["reference"].erase("distance");
  return document;
}

ComparisonFiles comparison_files(const CompareRequest& request) {
  cli::need_extension(request.output, ".npz");
  if (request.output == "-")
    throw Error("standard output takes one result, the table: name a file with -o");
  if (!request.plot.empty()) {
    picture_type(request.plot, "--plot");
    need_gnuplot("--plot");
  }
  if (!request.sheet.empty() && !is_image_name(request.sheet))
    throw Error(request.sheet + ": a sheet is a picture; name it .png, for instance");
  return {request.output, request.sheet, request.plot, request.shown};
}

void ComparisonFiles::check(const Shape& shape) const {
  if (!sheet.empty() && shape[2] != 1 && shape[2] != 3 && shape[2] != 4)
    throw Error(sheet + ": samples of " + describe(shape) +
                " are no pictures (1, 3 or 4 channels)");
}

void ComparisonFiles::write(const SamplerComparison& found) const {
  if (!samples.empty()) write_samples(samples, found);
  if (!sheet.empty()) write_image(sheet, sheet_of(found, shown));
  if (!plot.empty())
    write_file(plot, draw_with_gnuplot(comparison_script(found.runs, found.reference.sampler,
                                                         picture_type(plot, "--plot"))));
}

}  // namespace diffusion
