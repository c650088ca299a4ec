#include "tools/sample/guide.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/model_schedule.hpp"

namespace diffusion {
namespace {

constexpr double usual_scale = 2;

/// Whether there is a file or a folder of that name.
bool names_file(const std::string& spec) {
  std::string path = spec;
  for (const ModelInfo& kind : model_kinds())
    if (spec.starts_with(kind.prefix)) path = spec.substr(kind.prefix.size());
  std::error_code none;
  return std::filesystem::exists(path, none);
}

std::string classes_of(const Model& model) {
  if (model.labels == 0) return "no classes";
  return std::to_string(model.labels) + (model.labels == 1 ? " class" : " classes");
}

/// Throws Error, but for a guide without classes, which is asked without them.
void need_same_classes(const Guide& guide, const Model& model, const std::string& name) {
  if (guide.model.labels == 0) return;
  if (guide.model.labels != model.labels)
    throw Error("--guide " + guide.name + ": has " + classes_of(guide.model) + ", " + name +
                " has " + classes_of(model));
  const auto &names = guide.model.label_names, &wanted = model.label_names;
  if (names.empty() || wanted.empty()) return;
  const auto other = std::ranges::mismatch(names, wanted);
  if (other.in1 == names.end() || other.in2 == wanted.end()) return;
  throw Error("--guide " + guide.name + ": its class " + std::to_string(other.in1 - names.begin()) +
              " is " + *other.in1 + ", that of " + name + " is " + *other.in2);
}

}  // namespace

GuideName parse_guide(const std::string& spec) {
  const auto colon = spec.rfind(':');
  const auto scale =
      colon == std::string::npos ? std::nullopt : parse_number(spec.substr(colon + 1));
  if (!scale || names_file(spec)) return {spec, usual_scale};
  if (!std::isfinite(*scale) || *scale < 0)
    throw Error("--guide " + spec + ": needs a scale from 0 (1: no guidance), such as " +
                spec.substr(0, colon) + ":2");
  return {spec.substr(0, colon), *scale};
}

void check_guide(const Guide& guide, const Model& model, const Schedule& schedule,
                 const std::string& name) {
  const std::string culprit = "--guide " + guide.name;
  if (guide.model.shape != model.shape)
    throw Error(culprit + ": its samples are " + describe(guide.model.shape) + ", those of " +
                name + " are " + describe(model.shape));
  if (guide.model.units != model.units)
    throw Error(culprit + ": was trained in other units of the data (offset and scale) than " +
                name);
  need_same_classes(guide, model, name);
  if (const auto wrong = misunderstood(schedule, guide.model, guide.name))
    throw Error(culprit + ": cannot follow the schedule of " + name + ": " + *wrong);
}

}  // namespace diffusion
