#include "tools/sample/compare_report.hpp"

#include <algorithm>
#include <ostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/image_file.hpp"
#include "lib/output/comparison_sheet.hpp"
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
  need_extension(request.output, ".npz");
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
                " are not pictures (1, 3 or 4 channels)");
}

void ComparisonFiles::write(const SamplerComparison& found) const {
  if (!samples.empty()) write_samples(samples, found);
  if (!sheet.empty()) write_image(sheet, comparison_sheet(found.reference, found.runs, shown));
  if (!plot.empty())
    write_file(plot, draw_with_gnuplot(comparison_script(found.runs, found.reference.sampler,
                                                         picture_type(plot, "--plot"))));
}

}  // namespace diffusion
