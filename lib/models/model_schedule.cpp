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

Schedule schedule_for(const Model& model, const std::string& spec, const std::string& name) {
  if (spec.empty()) return model.schedule ? *model.schedule : make_schedule("cosine");
  Schedule schedule = load_schedule(spec);
  if (!model.schedule) return schedule;
  if (model.schedule->path != schedule.path)
    throw Error(spec + ": its process is another than the one " + name + " was trained on (" +
                model.schedule->family + ")");
  const bool time_is_the_level = model.predicts == Prediction::edm;
  if (time_is_the_level) return schedule;
  if (const auto odd = timestep_mismatch(*model.schedule, schedule))
    throw Error(spec + ": timestep " + significant(odd->level.timestep, 6) + " has sigma/alpha " +
                spread(odd->level.lambda) + ", and " + name + " learnt " +
                meaning(*odd, *model.schedule) +
                "; leave `schedule` out; sampling visits these noise levels by a grid from a file");
  return schedule;
}

}  // namespace diffusion
