#include "tools/sample/guidance.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "tools/cli/model_options.hpp"

namespace diffusion::cli {
namespace {

/// Refuses what changes guidance where there is none.
void need_guidance(const GuidanceRequest& request) {
  if (request.scale) return;
  if (!request.negative.empty())
    throw Error("--negative: changes guidance by classes, which needs --cfg SCALE");
  if (!request.guide.spec.empty()) return;
  for (const auto& [flag, given] : {std::pair{"--cfg-rescale", request.rescale.has_value()},
                                    {"--cfg-parallel", request.parallel.has_value()},
                                    {"--cfg-norm", request.norm.has_value()},
                                    {"--cfg-momentum", request.momentum.has_value()},
                                    {"--cfg-zero", request.zero.has_value()},
                                    {"--cfg-interval", !request.interval.empty()}})
    if (given)
      throw Error(std::string(flag) +
                  ": changes guidance, which needs --cfg SCALE or --guide MODEL");
}

/// Two ways to take guidance's excess away, of which nobody has tried both.
void refuse_both_projections(const GuidanceRequest& request) {
  if (!request.zero) return;
  for (const auto& [flag, given] : {std::pair{"--cfg-parallel", request.parallel},
                                    {"--cfg-norm", request.norm},
                                    {"--cfg-momentum", request.momentum}})
    if (given) throw Error(std::string("--cfg-zero: cannot go with ") + flag);
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
  flags.add({.names = "--guide",
             .value = "MODEL[:SCALE]",
             .help = "Guide away from this worse model, by 2 where no scale is said",
             .values = a_model()},
            request.guide.spec);
  flags.add({.names = "--guide-weights",
             .value = "WHICH",
             .help = "Weights of the --guide model, named as for --weights",
             .values = some_weights(),
             .otherwise = std::string(usual_weights),
             .needs = {"--guide"}},
            request.guide.weights);
}

void add_walk_guidance_options(const Flags& flags, GuidanceRequest& request) {
  flags.add({.names = "--cfg-momentum",
             .value = "BETA",
             .help = "How much of a step's change by guidance to add to the next, -1 to 1",
             .otherwise = "0"},
            request.momentum);
  flags.add({.names = "--cfg-zero",
             .value = "STEPS",
             .help = "CFG-Zero*: fit what to guide away from, and stand still for so many steps",
             .values = whole(0, 1000),
             .otherwise = "off"},
            request.zero);
}

Guidance guidance_of(const Model& model, const GuidanceRequest& request) {
  need_guidance(request);
  refuse_both_projections(request);
  Guidance guidance{.scale = request.scale.value_or(1),
                    .rescale = request.rescale.value_or(0),
                    .parallel = request.parallel.value_or(1),
                    .norm = request.norm.value_or(HUGE_VAL),
                    .momentum = request.momentum.value_or(0),
                    .fitted = request.zero.has_value(),
                    .prediction = model.predicts};
  if (!std::isfinite(guidance.scale) || guidance.scale < 0)
    throw Error("--cfg: must be a scale from 0 (1: no guidance), got " + shortest(guidance.scale));
  if (!(guidance.rescale >= 0 && guidance.rescale <= 1))
    throw Error("--cfg-rescale: must lie in 0 to 1, got " + shortest(guidance.rescale));
  if (!(guidance.parallel >= 0 && guidance.parallel <= 1))
    throw Error("--cfg-parallel: must lie in 0 to 1, got " + shortest(guidance.parallel));
  if (!(guidance.norm > 0))
    throw Error("--cfg-norm: must be positive, got " + shortest(guidance.norm));
  if (!(std::abs(guidance.momentum) < 1))
    throw Error("--cfg-momentum: must lie between -1 and 1, got " + shortest(guidance.momentum));
  set_interval(guidance, request.interval);
  return guidance;
}

}  // namespace diffusion::cli
