#include "tools/sample_start.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/tensor/npy.hpp"

namespace diffusion {
namespace {

constexpr std::size_t usual_count = 16, usual_count_a_class = 8;

std::size_t count_of(const StartRequest& asked, std::size_t classes) {
  return asked.count.value_or(classes > 1 ? usual_count_a_class * classes : usual_count);
}

void need_samples_of(const Tensor& states, std::size_t axes_before, const Shape& sample,
                     const std::string& path) {
  const auto& shape = states.shape();
  const bool fits = shape.size() == axes_before + sample.size() &&
                    std::equal(sample.begin(), sample.end(), shape.end() - 3);
  if (!fits)
    throw Error(path + ": is " + describe(shape) + " where the model needs " +
                (axes_before == 1 ? "N x " : "draws x N x ") + describe(sample));
  const auto odd = std::ranges::find_if_not(states, [](float x) { return std::isfinite(x); });
  if (odd != states.end())
    throw Error(path + ": value " + std::to_string(odd - states.begin()) + " is not finite");
}

GenerateRequest shard_of(const GenerateRequest& request, const Shard& shard) {
  const Range part = shard.part_of(request.count);
  if (part.count == 0)
    throw Error("--shard " + std::to_string(shard.number) + "/" + std::to_string(shard.of) + ": " +
                std::to_string(request.count) +
                " samples leave none for it; needs N of at most that");
  return part_of(request, part);
}

}  // namespace

void add_start_options(CLI::App& app, StartRequest& request) {
  app.option_defaults()->group("What to draw");
  app.add_option("-n,--count", request.count, "How many samples (default: 16, or as --init has)")
      ->check(CLI::Range(std::size_t(1), std::size_t(1) << 40).description(""))
      ->type_name("N");
  app.add_option("--first", request.first, "Number of the first sample of the seed (default: 0)")
      ->check(cli::whole_number())
      ->type_name("K");
  cli::add_shard(app, request.shard, "Draw part I of N of them, such as 2/8");
  app.add_option("--batch", request.batch, "Samples carried at once (default: 64)")
      ->check(CLI::Range(std::size_t(1), std::size_t(65536)).description(""))
      ->type_name("N");
  app.add_option("--init", request.states, "Begin from these states, N x H x W x C")
      ->type_name("FILE.npy");
  app.add_option("--noise-from", request.draws,
                 "Take fresh noise from here, draws x N x H x W x C, in the order of asking")
      ->type_name("FILE.npy");
}

GenerateRequest generate_request(const Model& model, const StartRequest& asked,
                                 std::size_t classes) {
  GenerateRequest request{.shape = model.shape,
                          .first = asked.first,
                          .count = count_of(asked, classes),
                          .batch = asked.batch};
  if (!asked.states.empty()) {
    request.start = read_npy(asked.states).to_tensor();
    need_samples_of(*request.start, 1, model.shape, asked.states);
    const std::size_t rows = request.start->shape()[0];
    if (asked.count && *asked.count != rows)
      throw Error(asked.states + ": holds " + std::to_string(rows) + " states, not -n " +
                  std::to_string(*asked.count));
    request.count = rows;
  }
  if (!asked.draws.empty()) {
    request.draws = read_npy(asked.draws).to_tensor();
    need_samples_of(*request.draws, 2, model.shape, asked.draws);
    if (request.draws->shape()[1] != request.count)
      throw Error(asked.draws + ": holds draws for " + std::to_string(request.draws->shape()[1]) +
                  " samples, not " + std::to_string(request.count));
  }
  return asked.shard ? shard_of(request, *asked.shard) : request;
}

}  // namespace diffusion
