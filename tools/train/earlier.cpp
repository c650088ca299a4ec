#include "tools/train/earlier.hpp"

#include "lib/base/error.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion {

bool goes_on(const TrainRequest& request) { return request.resume == Resume::yes; }

Earlier earlier_of(const TrainRequest& request) {
  Earlier earlier;
  if (goes_on(request)) earlier.resumed.emplace(request.output);
  if (!request.from.empty()) earlier.from = open_trained_network(request.from, request.schedule);
  return earlier;
}

Schedule choose_schedule(const TrainRequest& request, const Earlier& earlier) {
  const auto& [resumed, from] = earlier;
  if (from && request.schedule.empty()) return from->schedule;
  if (!resumed) return load_schedule(request.schedule.empty() ? "cosine" : request.schedule);
  Schedule then = resumed->schedule();
  if (request.schedule.empty()) return then;
  const Schedule now = load_schedule(request.schedule);
  if (schedule_to_json(now) != schedule_to_json(then))
    throw Error(request.schedule + ": is not the schedule that " + resumed->name() +
                " was trained on; --resume needs no -s");
  return then;
}

std::optional<DataUnits> units_of(const Earlier& earlier) {
  const auto& [resumed, from] = earlier;
  if (resumed) return data_units(resumed->data());
  return from ? std::optional(from->units) : std::nullopt;
}

}  // namespace diffusion
