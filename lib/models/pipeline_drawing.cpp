#include "lib/models/pipeline_drawing.hpp"

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/schedule/exchange/diffusers_classes.hpp"

namespace diffusion {
namespace {

/// The settings of a scheduler, with the defaults of its class.
struct Settings {
  const diffusers::Class& row;
  JsonAt config;

  bool has(std::string_view setting) const { return diffusers::has_setting(row, setting); }
  /// null is false there, and not the default.
  bool flag(const std::string& key, bool usual) const {
    const auto given = config.find(key);
    return given ? given->flag() : usual && !config.object().contains(key);
  }
  double number(const std::string& key, double usual) const {
    const auto given = config.find(key);
    if (given && !(given->number() > 0)) given->refuse("a positive number");
    return given ? given->number() : usual;
  }
  std::string text(const std::string& key, const std::string& usual) const {
    const auto given = config.find(key);
    return given ? given->text() : usual;
  }
};

/// Thresholding goes before clipping, as in their steps.
std::string clip_of(const Settings& settings) {
  if (settings.has("thresholding") && settings.flag("thresholding", false))
    return "dynamic:percentile=" + shortest(settings.number("dynamic_thresholding_ratio", 0.995)) +
           ",max=" + shortest(settings.number("sample_max_value", 1));
  const bool usual = settings.has("clips");
  if ((!usual && !settings.has("clip_sample")) || !settings.flag("clip_sample", usual))
    return "none";
  const double range = settings.number("clip_sample_range", 1);
  return range == 1 ? "static" : "static:range=" + shortest(range);
}

std::string variance_of(const Settings& settings, const std::string& culprit) {
  if (!settings.has("variance_type")) return "";
  const std::string type = settings.text("variance_type", "fixed_small");
  if (type == "fixed_small" || type == "fixed_small_log") return "small";
  if (type == "fixed_large" || type == "fixed_large_log") return "large";
  if (type == "learned_range") return "learned";
  throw Error(culprit + ": variance_type '" + type +
              "' is not known here (have: fixed_small, fixed_small_log, fixed_large, "
              "fixed_large_log, learned_range)");
}

/// Which levels are visited is for the grid to say.
std::vector<std::string> not_followed(const Settings& settings, const std::string& culprit) {
  std::vector<std::string> said;
  if (const std::string spacing = settings.text("timestep_spacing", "trailing");
      spacing != "trailing")
    said.push_back("timestep_spacing " + spacing);
  for (const std::string key :
       {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas"})
    if (settings.flag(key, false)) said.push_back(key);
  if (said.empty()) return {};
  return {culprit + ": " + join(said, ", ") + (said.size() == 1 ? " is" : " are") +
          " not followed: `grid` chooses the levels, trailing unless it says otherwise"};
}

}  // namespace

PipelineDrawing pipeline_drawing(const Schedule& schedule, const std::string& culprit) {
  const JsonAt kept = JsonAt(schedule.extra, culprit)["diffusers"];
  const Settings settings{find_row(diffusers::classes(), kept["class"].text(), "scheduler class"),
                          JsonAt(kept["config"].json(), culprit)};
  return {.clip = clip_of(settings),
          .variance = variance_of(settings, culprit),
          .notes = not_followed(settings, culprit)};
}

PipelineDrawing usual_drawing(const Model& model, const std::string& name) {
  if (model.file)
    return {.clip = model.images ? "static" : "none",
            .variance = model.file->variance() == VarianceOutput::learned ? "learned" : ""};
  if (model.schedule && model.schedule->extra.contains("diffusers"))
    return pipeline_drawing(*model.schedule, name);
  return {.clip = model.images ? "static" : "none"};
}

}  // namespace diffusion
