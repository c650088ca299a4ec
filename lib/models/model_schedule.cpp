#include "lib/models/model_schedule.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/exchange/timestep_match.hpp"

namespace diffusion {
namespace {

/// sigma/alpha, the noise level as people know it.
std::string spread(double lambda) { return significant(std::exp(-lambda), 4); }

std::string meaning(const TimestepMismatch& odd, const Schedule& learnt) {
  if (!odd.learnt) return "no such timestep";
  return "it as " + spread(*odd.learnt) + " (" + learnt.family + ")";
}

}  // namespace

namespace {

std::optional<std::string> another_process(const Schedule& schedule, const Model& model,
                                           const std::string& name) {
  if (!model.schedule || model.schedule->path == schedule.path) return std::nullopt;
  return "its process is another than the one " + name + " was trained on (" +
         model.schedule->family + ")";
}

std::optional<std::string> other_timesteps(const Schedule& schedule, const Model& model,
                                           const std::string& name) {
  const bool time_is_the_level =
      model.predicts == Prediction::edm || model.predicts == Prediction::ncsn;
  if (!model.schedule || time_is_the_level) return std::nullopt;
  const auto odd = timestep_mismatch(*model.schedule, schedule);
  if (!odd) return std::nullopt;
  return "timestep " + significant(odd->level.timestep, 6) + " has sigma/alpha " +
         spread(odd->level.lambda) + ", and " + name + " learnt " + meaning(*odd, *model.schedule);
}

}  // namespace

std::optional<std::string> misunderstood(const Schedule& schedule, const Model& model,
                                         const std::string& name) {
  const auto process = another_process(schedule, model, name);
  return process ? process : other_timesteps(schedule, model, name);
}

Schedule schedule_for(const Model& model, const std::string& spec, const std::string& name) {
  if (spec.empty()) return model.schedule ? *model.schedule : make_schedule("cosine");
  Schedule schedule = load_schedule(spec);
  if (const auto wrong = another_process(schedule, model, name)) throw Error(spec + ": " + *wrong);
  if (const auto wrong = other_timesteps(schedule, model, name))
    throw Error(spec + ": " + *wrong +
                "; leave `schedule` out; sampling visits these noise levels by a grid from a file");
  return schedule;
}

}  // namespace diffusion
