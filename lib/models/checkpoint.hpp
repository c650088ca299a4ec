// The model file: one safetensors file that describes itself.
//
//   weights              under the names of the diffusers state dict
//   ema.0.995/NAME       their moving average of that rate; there may be several
//   power.0.05/NAME      their power-function average of that width, likewise
//   adam.mean/NAME       the optimiser's moments, to train on from
//   adam.square/NAME
//   levels/losses        the latest losses of every step, where levels are chosen by them
//   __metadata__         "format": "diffusion-model", "version": "1", and as JSON
//                        strings model, schedule, objective, data, training
//
// There is no generator state: every draw is a function of the seed and the step,
// which the training record holds. Nothing in the file tells when it was made.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/json_at.hpp"
#include "lib/models/fill_parameters.hpp"
#include "lib/models/network.hpp"
#include "lib/noise/precondition.hpp"
#include "lib/schedule/schedule.hpp"
#include "lib/tensor/formats/safetensors.hpp"

namespace diffusion {

/// "format" of its metadata.
inline constexpr const char* model_format = "diffusion-model";

/// What the metadata holds.
struct ModelDescription {
  Json model;      // the architecture: diffusers' keys
  Json schedule;   // a schedule file (diff-formats(5))
  Json objective;  // {"prediction": "v", "weight": "uniform", "levels": "uniform"}
  Json data;       // {"size": [H, W], "channels": C, "images": N, "label_names": [...]}
  Json training;   // steps and images seen, updates, the whole configuration
};

/// As many numbers as the network has weights, stored under prefix + NAME.
struct WeightSet {
  std::string prefix;  // "" for the weights themselves
  std::span<const float> values;
};

inline const std::string adam_mean_prefix = "adam.mean/", adam_square_prefix = "adam.square/";
std::string ema_prefix(double rate);         // "ema.0.995/"
std::string power_prefix(double sigma_rel);  // "power.0.05/"

inline const std::string loss_history_name = "levels/losses";

/// Called with the prefix of a set before its numbers are written, which may come only then; sets
/// but that of "" are written whole, in the order of their prefixes.
using BeforeSet = std::function<void(const std::string& prefix)>;

/// Writes atomically. `names` gives names and shapes to the flat arrays; `state` is what
/// training remembers beside them.
void write_model_file(const std::string& path, const ModelDescription& description,
                      const nn::Parameters& names, std::span<const WeightSet> sets,
                      std::vector<SafetensorsArray> state = {}, const BeforeSet& before = {});

/// An open model file: header read and checked, numbers read when asked for.
/// All members that fail throw Error naming the file.
class ModelFile {
 public:
  /// `networks` are those that it may be a file of.
  explicit ModelFile(const std::string& path, NetworkRows networks = diffusion::networks());

  const std::string& name() const { return file_.name(); }
  const ModelDescription& description() const { return description_; }
  /// Parts of the description, to be looked into.
  JsonAt objective() const { return part(description_.objective, "objective"); }
  JsonAt data() const { return part(description_.data, "data"); }
  JsonAt training() const { return part(description_.training, "training"); }
  const SafetensorsFile& file() const { return file_; }

  Schedule schedule() const;
  Prediction prediction() const;
  NetworkFace face() const { return {prediction(), schedule().path}; }
  std::vector<double> ema_rates() const;     // falling
  std::vector<double> power_widths() const;  // sigma_rel, rising

  /// The prefix that `choice` names: "raw", "ema" (of the highest rate, without rates the
  /// power-function average of the least width; the weights themselves, where they are an
  /// average), "ema:RATE", "power:WIDTH", or "" (ema where there is one, else raw).
  std::string prefix_of(const std::string& choice) const;

  /// Fills `out` (as `names` lays it out) from the set stored under `prefix`.
  /// Every weight must be there with its shape, and no other; weights may have the
  /// names that earlier releases gave them.
  void read(const std::string& prefix, const nn::Parameters& names, std::span<float> out) const;

  /// Fills `out` from the array `name`, which must have as many numbers.
  void read_state(const std::string& name, std::span<float> out) const;

  /// Whether its network predicts a variance too. Throws as images() does.
  VarianceOutput variance() const;

  /// What its network takes. Throws Error also for a configuration that is not sound.
  NetworkImages images() const;

  /// The network with the weights that `choice` names.
  std::unique_ptr<Network> network(const std::string& choice = "",
                                   const NetworkMaker& make = make_blank_network) const;

 private:
  JsonAt part(const Json& json, const char* key) const;
  std::optional<std::string> usual_average() const;
  PublishedWeights weights(std::span<const WeightTensor> arrays, const std::string& prefix) const;

  SafetensorsFile file_;
  NetworkRows networks_;
  ModelDescription description_;
};

}  // namespace diffusion
