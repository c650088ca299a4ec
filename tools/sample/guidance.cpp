#include "tools/sample/guidance.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

void need_scale(const GuidanceRequest& request) {
  if (request.scale) return;
  for (const auto& [flag, given] : {std::pair{"--negative", !request.negative.empty()},
                                    {"--cfg-rescale", request.rescale.has_value()},
                                    {"--cfg-parallel", request.parallel.has_value()},
                                    {"--cfg-norm", request.norm.has_value()},
                                    {"--cfg-interval", !request.interval.empty()}})
    if (given) throw Error(std::string(flag) + ": changes guidance, which needs --cfg SCALE");
}

void set_interval(Guidance& guidance, const std::string& text) {
  if (text.empty()) return;
  const auto parts = split(text, ',');
  const auto low = parse_number(parts[0]);
  const auto high = parts.size() == 2 ? parse_number(parts[1]) : std::nullopt;
  if (!low || !high || !(*low >= 0 && *low < *high))
    throw Error("--cfg-interval " + text +
                ": needs two levels of sigma/alpha, the lower first, such as 0.3,5 or 0,inf");
  guidance.above = *low;
  guidance.upto = *high;
}

}  // namespace

void add_guidance_options(const Flags& flags, GuidanceRequest& request) {
  flags.add({.names = "--cfg",
             .value = "SCALE",
             .help = "Guide towards the class; 1 is no guidance, 1 + w in the literature",
             .otherwise = "1"},
            request.scale);
  flags.add({.names = "--cfg-interval",
             .value = "LO,HI",
             .help = "Guide only where LO < sigma/alpha <= HI",
             .otherwise = "everywhere"},
            request.interval);
  flags.add({.names = "--cfg-rescale",
             .value = "PHI",
             .help = "How far to undo guidance's gain in contrast, 0 to 1",
             .otherwise = "0"},
            request.rescale);
  flags.add({.names = "--cfg-parallel",
             .value = "ETA",
             .help = "How much of guidance's change along the estimate itself to keep, 0 to 1",
             .otherwise = "1"},
            request.parallel);
  flags.add({.names = "--cfg-norm",
             .value = "R",
             .help = "The most that guidance may change a sample's estimate, as a norm",
             .otherwise = "inf"},
            request.norm);
  flags.add({"--negative", "CLASS", "Guide away from this class rather than from no class"},
            request.negative);
}

Guidance guidance_of(const Model& model, const GuidanceRequest& request) {
  need_scale(request);
  Guidance guidance{.scale = request.scale.value_or(1),
                    .rescale = request.rescale.value_or(0),
                    .parallel = request.parallel.value_or(1),
                    .norm = request.norm.value_or(HUGE_VAL),
                    .prediction = model.predicts};
  if (!std::isfinite(guidance.scale) || guidance.scale < 0)
    throw Error("--cfg: must be a scale from 0 (1: no guidance), got " + shortest(guidance.scale));
  if (!(guidance.rescale >= 0 && guidance.rescale <= 1))
    throw Error("--cfg-rescale: must lie in 0 to 1, got " + shortest(guidance.rescale));
  if (!(guidance.parallel >= 0 && guidance.parallel <= 1))
    throw Error("--cfg-parallel: must lie in 0 to 1, got " + shortest(guidance.parallel));
  if (!(guidance.norm > 0))
    throw Error("--cfg-norm: must be positive, got " + shortest(guidance.norm));
  set_interval(guidance, request.interval);
  return guidance;
}

}  // namespace diffusion::cli
