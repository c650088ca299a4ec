#include "lib/noise/prediction_type.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/schedule/exchange/diffusers_classes.hpp"

namespace diffusion {
namespace {

using namespace diffusers;

Kind kind_of(const Json& config) {
  return find_row(classes(), JsonAt(config, "")["_class_name"].text(), "scheduler class").kind;
}

bool has_flow_sigmas(const Json& config) {
  return config.contains("use_flow_sigmas") && config["use_flow_sigmas"] == true;
}

/// "" where a scheduler with betas has no word for it.
std::string word_for(const Json& config, Prediction prediction) {
  switch (prediction) {
    case Prediction::eps:
      return "epsilon";
    case Prediction::x0:
      return "sample";
    case Prediction::v:
      return "v_prediction";
    case Prediction::u:
      return has_flow_sigmas(config) ? "flow_prediction" : "";
    case Prediction::score:
    case Prediction::ncsn:
    case Prediction::edm:
      return "";
  }
  __builtin_unreachable();
}

[[noreturn]] void refuse(const Json& config, Prediction prediction) {
  throw Error(JsonAt(config, "")["_class_name"].text() +
              ": has no word for networks that predict " + std::string(name_of(prediction)));
}

}  // namespace

Prediction prediction_of(const Schedule& schedule, const std::string& culprit) {
  const JsonAt kept = JsonAt(schedule.extra, culprit)["diffusers"];
  const JsonAt config(kept["config"].json(), culprit);
  const auto epsilon = config.find("predict_epsilon"), asked = config.find("prediction_type"),
             data = config.find("sigma_data");
  if (epsilon && !epsilon->flag()) return Prediction::x0;
  const std::string usual = schedule.path == Path::straight ? "flow_prediction" : "epsilon";
  const std::string type = asked ? asked->text() : usual;
  if (kept["class"].text().starts_with("EDM")) {
    if (type != "epsilon" || (data && data->number() != sigma_data))
      throw Error(culprit +
                  ": of EDM's, networks with prediction_type epsilon and sigma_data 0.5 " +
                  "are known here");
    return Prediction::edm;
  }
  if (kept["class"].text() == "ScoreSdeVeScheduler") return Prediction::ncsn;
  if (type == "sample") return Prediction::x0;
  if (type == "v_prediction") return Prediction::v;
  return type == "flow_prediction" ? Prediction::u : Prediction::eps;
}

Json with_prediction(Json config, Prediction prediction) {
  config.erase("predict_epsilon");
  switch (kind_of(config)) {
    case Kind::edm:
      if (prediction != Prediction::edm) refuse(config, prediction);
      config["prediction_type"] = "epsilon";
      return config;
    case Kind::ncsn:
      if (prediction != Prediction::ncsn) refuse(config, prediction);
      config.erase("prediction_type");
      return config;
    case Kind::flow:
      if (prediction != Prediction::u) refuse(config, prediction);
      config.erase("prediction_type");
      return config;
    case Kind::betas:
      const std::string word = word_for(config, prediction);
      if (word.empty()) refuse(config, prediction);
      config["prediction_type"] = word;
      return config;
  }
  __builtin_unreachable();
}

bool leaves_prediction_open(const Json& config) {
  const auto says = [&](const char* key) { return config.contains(key) && !config[key].is_null(); };
  return kind_of(config) == Kind::betas && !says("prediction_type") && !says("predict_epsilon");
}

}  // namespace diffusion
