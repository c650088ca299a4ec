#include "tools/sample/start.hpp"

#include <algorithm>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/start_data.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion {
namespace {

constexpr std::size_t usual_count = 16, usual_count_a_class = 8;

std::size_t count_of(const StartRequest& asked, const Init& init, std::size_t classes) {
  if (asked.count) return *asked.count;
  if (init.count() > 0 && asked.between.empty()) return std::max(init.count(), classes);
  return classes > 1 ? usual_count_a_class * classes : usual_count;
}

StartOf start_of(const Init& init, const Shape& sample) {
  if (init.states) return start_from_states(*init.states);
  if (init.start_from_images) return start_from_images(*init.images);
  return start_from_noise(sample);
}

/// `text` is "A,B"; there are `known` states or images to choose from, or 0 for no end.
Between parse_between(const std::string& text, std::size_t known) {
  const auto parts = split(text, ',');
  std::vector<std::uint64_t> ends;
  for (const std::string& part : parts)
    if (const auto number = parse_integer(part); number && *number >= 0)
      ends.push_back(std::uint64_t(*number));
  if (parts.size() != 2 || ends.size() != 2)
    throw Error("--between " + text + ": needs the numbers of two samples, such as 3,7");
  for (const std::uint64_t end : ends)
    if (known > 0 && end >= known)
      throw Error("--between " + text + ": --init has 0 to " + std::to_string(known - 1));
  return {.from = ends[0], .to = ends[1], .first = 0, .count = 0};
}

void set_start(GenerateRequest& request, const StartRequest& asked, const Init& init) {
  request.start = start_of(init, request.shape);
  if (asked.between.empty()) return;
  Between way = parse_between(asked.between, init.count());
  if (request.count < 2) throw Error("--between: needs -n 2 or more, which the ends count to");
  way.first = request.first;
  way.count = request.count;
  request.start = start_between(std::move(request.start), way);
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

void add_start_options(const cli::Flags& all, StartRequest& request) {
  const cli::Flags flags = all.under("What to draw");
  flags.add({.names = "-n,--count",
             .value = "N",
             .help = "How many samples",
             .values = cli::whole(1, std::uint64_t(1) << 40),
             .otherwise = std::to_string(usual_count) + ", or as --init has"},
            request.count);
  flags.add({"--first", "K", "Number of the first sample of the seed"}, request.first);
  cli::add_shard(flags, request.shard, "Draw part I of N of them, such as 2/8");
  flags.add({"--batch", "N", "Samples carried at once", cli::whole(1, 65536)}, request.batch);
  flags.add({"--between", "A,B", "Begin on the way from sample A's start to sample B's"},
            request.between);
  flags.add({"--noise-from", "FILE.npy",
             "Take fresh noise from here, draws x N x H x W x C, in the order of asking",
             cli::files({".npy"})},
            request.draws);
  add_init_options(flags, request.init);
}

GenerateRequest generate_request(const Model& model, const StartRequest& asked, const Init& init,
                                 std::size_t classes) {
  GenerateRequest request{.shape = model.shape,
                          .first = asked.first,
                          .count = count_of(asked, init, classes),
                          .batch = asked.batch};
  if (request.first + (request.count - 1) < request.first)
    throw Error("--first " + std::to_string(request.first) + ": leaves no numbers for " +
                std::to_string(request.count) + " samples");
  set_start(request, asked, init);
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
