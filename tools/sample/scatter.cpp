#include "tools/sample/scatter.hpp"

#include <filesystem>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/models/start_data.hpp"
#include "lib/output/scatter.hpp"
#include "lib/tensor/stack.hpp"
#include "tools/cli/image_options.hpp"

namespace diffusion {

void add_scatter_options(const cli::Flags& flags, ScatterRequest& request) {
  flags.add({"--scatter", "FILE",
             "Also draw samples of two numbers, by gnuplot: .png, .svg or .pdf", cli::drawings()},
            request.path);
  flags.add({.names = "--over",
             .value = "DATA",
             .help = "Points to draw beneath them: .csv or .npy",
             .values = cli::files({".csv", ".tsv", ".txt", ".npy"}),
             .needs = {"--scatter"}},
            request.over);
}

void check_scatter(const ScatterRequest& request) {
  if (request.path.empty()) return;
  picture_type(request.path, "--scatter");
  need_gnuplot("--scatter");
}

Scatter::Scatter(const cli::Tool& tool, const ScatterRequest& request, const Model& model,
                 std::size_t count)
    : request_(request), samples_(Shape{count, 1, 1, 2}) {
  need_plane(model.shape, request.path);
  if (request.over.empty()) return;
  if (!std::filesystem::exists(request.over))
    throw Error("--over " + request.over + ": no such file or folder");
  auto data = read_states(model.shape, request.over);
  if (!data) throw Error("--over " + request.over + ": holds no points, as .csv and .npy do");
  cli::complain_of(tool, data->failures, data->size(), request.over);
  left_out_ = data->failures.size();
  beneath_ = std::move(data->pixels);
}

void Scatter::take(std::size_t offset, const Tensor& samples) {
  put_rows(samples, samples_, offset);
}

void Scatter::write() const {
  std::vector<PointCloud> clouds;
  if (beneath_) clouds.push_back({"data", *beneath_});
  clouds.push_back({"samples", samples_});
  const PictureType type = picture_type(request_.path, "--scatter");
  write_file(request_.path, draw_with_gnuplot(scatter_script(clouds, type)));
}

}  // namespace diffusion
