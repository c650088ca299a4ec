#include "lib/models/published.hpp"

#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/models/fill_parameters.hpp"

namespace diffusion {
namespace {

const PublishedForm& form_of(const Params& params) {
  return find_row(published_forms(), params.name(), "form of weights");
}

ConvertedNetwork converted(const PublishedFile& file, const PublishedForm& form, Params& params) {
  const auto read = form.make(params);
  params.finish();
  return read(StateDict(file.path, file.weights));
}

Schedule schedule_of(const PublishedFile& file, const PublishedForm& form) {
  if (!file.schedule.empty()) return load_schedule(file.schedule);
  if (form.schedule.empty())
    throw Error(file.path +
                ": does not say what noise it was trained on, and networks of the form " +
                std::string(form.name) + " differ in that: `schedule` says it");
  return load_schedule(std::string(form.schedule));
}

}  // namespace

std::span<const PublishedForm> published_forms() {
  static constexpr PublishedForm rows[] = {
      {"dit", "the DiT of its authors", "Peebles and Xie 2023", "linear", Prediction::eps,
       dit_form},
      {"sit", "the SiT of its authors: a DiT on the straight path, whose time runs to the data",
       "Ma et al. 2024", "flow", Prediction::u, sit_form},
      {"adm", "U-Nets of OpenAI's improved-diffusion and guided-diffusion",
       "Dhariwal and Nichol 2021", "", Prediction::eps, adm_form},
  };
  return rows;
}

std::vector<Parameter> published_parameters(const PublishedForm& row) {
  return asked_of(Params(row.name), [&](Params& params) { row.make(params); });
}

TrainedNetwork open_published_network(const PublishedFile& file) {
  Params params = params_of_row(published_forms(), file.form);
  const PublishedForm& form = form_of(params);
  Schedule schedule = schedule_of(file, form);
  const auto network = std::make_shared<const ConvertedNetwork>(converted(file, form, params));
  return {.name = file.path,
          .config = network->config,
          .prediction = file.prediction.value_or(form.prediction),
          .schedule = std::move(schedule),
          .fill = [network, path = file.path](Network& into) {
            nn::Parameters& weights = into.parameters();
            const PublishedWeights from{.tensors = network->weights, .prefix = "", .culprit = path};
            check_parameters(from, weights);  // before they take memory
            fill_parameters(from, weights, weights.values());
            weights.touch();
          }};
}

}  // namespace diffusion
