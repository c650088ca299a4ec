// How the trainer and its checkpoint become each other.
#include <algorithm>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/base/version.hpp"
#include "lib/train/trainer.hpp"

namespace diffusion {
namespace {

std::uint64_t count_in(const ModelFile& file, const char* key) {
  return std::uint64_t(file.training()[key].whole());
}

/// Snapshots and averages of them look like what training goes on from.
void need_optimiser(const ModelFile& file) {
  const bool average = file.description().training.contains("average");
  if (file.power_widths().empty() && !average) return;
  for (const SafetensorsEntry& entry : file.file().entries())
    if (entry.name.starts_with(adam_mean_prefix)) return;
  throw Error(file.name() + ": is " + (average ? "an average" : "a snapshot") +
              ", without what training goes on from; `from` begins with its weights");
}

}  // namespace

void Trainer::restore(const ModelFile& file) {
  need_optimiser(file);
  nn::Parameters& names = state_.network->parameters();
  file.read("", names, names.values());
  names.touch();
  for (WeightAverage& average : state_.averages)
    read_own(file, prefix_of(average.averaging), average.values);
  read_own(file, adam_mean_prefix, state_.adam.mean);
  read_own(file, adam_square_prefix, state_.adam.square);
  if (history_.steps() > 0) file.read_state(loss_history_name, history_.state());
  state_.adam.updates = count_in(file, "updates");
  const auto mean_loss = file.training().find("mean_loss");
  progress_ = {.steps = count_in(file, "steps"),
               .images = count_in(file, "images"),
               .skipped = count_in(file, "skipped"),
               .mean_loss = mean_loss ? mean_loss->number() : 0};
  engine_->load();
}

void Trainer::read_own(const ModelFile& file, const std::string& prefix,
                       std::span<float> own) const {
  const nn::Parameters& names = state_.network->parameters();
  if (ranks().alone()) return file.read(prefix, names, own);
  std::vector<float> all(names.size());
  file.read(prefix, names, all);
  std::ranges::copy(shares_.own_of(std::span(all)), own.begin());
}

ModelDescription Trainer::description() const {
  Json data = {{"size", {images_.height(), images_.width()}},
               {"channels", images_.channels()},
               {"images", images_.size()},
               {"classes", images_.classes()},
               {"label_names", images_.label_names}};
  data.update(to_json(images_.units));
  return {.model = state_.network->config(),
          .schedule = schedule_json_,
          .objective = config_json_["objective"],
          .data = std::move(data),
          .training = {{"steps", progress_.steps},
                       {"images", progress_.images},
                       {"updates", state_.adam.updates},
                       {"skipped", progress_.skipped},
                       {"mean_loss", number_to_json(progress_.mean_loss)},
                       {"config", config_json_},
                       {"tool", "diff-train " + std::string(version())}}};
}

/// Those of which each rank has its share, in the order of the file.
Trainer::SharedSets Trainer::shared_sets(Saved what) const {
  const bool all = what == Saved::checkpoint;
  SharedSets sets;
  if (all) sets = {{adam_mean_prefix, state_.adam.mean}, {adam_square_prefix, state_.adam.square}};
  for (const WeightAverage& average : state_.averages)
    if (all || average.averaging.profile == Averaging::Profile::power)
      sets[prefix_of(average.averaging)] = average.values;
  return sets;
}

void Trainer::save(const std::string& path, Saved what) const {
  assert(!under_way());
  engine_->store();
  const SharedSets shared = shared_sets(what);
  if (!ranks().first()) {
    for (const auto& [prefix, own] : shared) shares_.gather_at_first(own, {});
    return;
  }
  std::vector<SafetensorsArray> state;
  if (history_.steps() > 0 && what == Saved::checkpoint)
    state.push_back(safetensors_array(loss_history_name, {history_.steps(), LossHistory::kept + 1},
                                      history_.state()));
  write(path, shared, std::move(state));
}

/// A set is gathered when its turn in the file comes, in memory that the next set uses again.
void Trainer::write(const std::string& path, const SharedSets& shared,
                    std::vector<SafetensorsArray> state) const {
  std::vector<float> all(ranks().alone() ? 0 : state_.network->parameters().size());
  std::vector<WeightSet> sets = {{"", state_.network->parameters().values()}};
  for (const auto& [prefix, own] : shared)
    sets.push_back({prefix, ranks().alone() ? own : std::span<const float>(all)});
  const auto gather_set = [&](const std::string& prefix) {
    const auto set = shared.find(prefix);
    if (!ranks().alone() && set != shared.end()) shares_.gather_at_first(set->second, all);
  };
  write_model_file(path, description(), state_.network->parameters(), sets, std::move(state),
                   gather_set);
}

}  // namespace diffusion
