// A trainable network, as everything outside lib/nn sees it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/base/params.hpp"
#include "lib/models/initialise.hpp"
#include "lib/nn/graph.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"
#include "lib/nn/tensor.hpp"

namespace diffusion {

/// A network that sees a batch of noisy images and the time of each.
class Network {
 public:
  virtual ~Network() = default;

  /// x: N x H x W x in_channels, float32, any scale; timesteps: N; labels: N, or
  /// none for an unconditional network (-1 is "no label"). Returns
  /// N x H x W x out_channels, float32. A null tape means inference. Throws Error when
  /// images or labels are not such as it takes. The output of an image has the same bits whatever
  /// else is in its batch.
  virtual nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps,
                             std::span<const int> labels, nn::Tape* tape) const = 0;

  /// dy: the loss's derivative with respect to forward's result. Adds the weights'
  /// derivatives to the tape's gradients and returns nothing; or, where the tape has none,
  /// leaves the weights alone and returns the derivative of the input.
  virtual nn::Tensor backward(const nn::Tensor& dy, nn::Tape& tape) const = 0;

  /// In what type activations and products are from now on; float32 until then.
  /// Weights, their derivatives, sums and what goes in and out stay float32. Throws
  /// Error when the processor lacks the type.
  virtual void compute_in(nn::DType type);

  /// Whether a batch had best come as a whole, rather than in pieces from several threads.
  virtual bool takes_whole_batches() const { return false; }

  /// The architecture, as it stands in a model file: diffusers' keys.
  virtual const Json& config() const = 0;

  /// Its layers, where it is written down as such: what other engines run.
  virtual const nn::Graph* graph() const { return nullptr; }

  nn::Parameters& parameters() { return parameters_; }
  const nn::Parameters& parameters() const { return parameters_; }

 protected:
  nn::Parameters parameters_;
  nn::DType type_ = nn::DType::float32;
};

struct ImageSides {
  std::size_t height, width;
};

/// What a network is for: pictures, or points, 1 x 1 x D, whose numbers may be any.
enum class NetworkData { pictures, points };

/// Whether a network predicts a variance too, in as many channels again.
enum class VarianceOutput { none, learned };

/// The images that a network is to be trained on, and what it is to say of them.
struct NetworkTask {
  ImageSides sides;
  std::size_t channels;
  std::size_t classes = 0;  // of their labels; 0: they have none
  VarianceOutput variance = VarianceOutput::none;
};

/// What a configuration says of the images that its network was made for.
struct NetworkImages {
  std::optional<ImageSides> sides;  // nothing: any, or not said
  std::size_t channels;
  std::size_t labels = 0;         // that it tells apart, "no label" included; 0: none
  bool last_is_no_label = false;  // of those, whatever it was trained on
};

/// A size that has a name: "dit-s/2".
struct NetworkPreset {
  std::string_view name;             // in lower case
  std::string_view settings = "{}";  // a JSON object, over the defaults
};

/// One row an architecture: all that the rest of the program knows of it. Configurations
/// are JSON objects; Errors that are about one open with "model config: ".
struct NetworkInfo {
  std::string_view name;  // diffusers' "_class_name"
  std::string_view summary, reference;
  std::string_view part;      // what diffusers' pipelines call it, and its folder there; "": none
  std::string_view defaults;  // what training begins with: a JSON object, without the name

  /// The keys that a configuration may have. Each has a fallback: "{}" is sound.
  std::vector<std::string> (*keys)();
  /// Checks the whole configuration. Unknown keys and values that the network does not
  /// have are an Error that names them.
  NetworkImages (*images)(const Json& config);
  /// Checks what `fit` has yet to complete: all that is refused whatever the images are.
  void (*check)(const Json& config);
  /// Completes what follows from the task. Throws Error where the two do not go together.
  Json (*fit)(Json config, const NetworkTask& task);
  /// Writes it down. Checks as `images` does.
  nn::Graph (*graph)(const Json& config);

  std::span<const NetworkPreset> presets = {};
  /// Keys that say what was trained on and bind nothing: they follow the next images.
  std::span<const std::string_view> image_keys = {};
  /// Keys that training heeds alone: the same weights may be trained on with others.
  std::span<const std::string_view> training_keys = {};

  /// Where the weights start.
  InitialLawOf initial = pytorch_law;
  /// What a weight is called now that a published file may call otherwise; none: no
  /// name has changed.
  std::string (*current_name)(std::string_view published) = nullptr;
  /// What a network of this configuration has that diffusers' class of the same name lacks, or ""
  /// where that takes configuration and weights as they are; none: it always does.
  std::string (*beyond_diffusers)(const Json& config) = nullptr;
  NetworkData takes = NetworkData::pictures;
};

/// The first is meant where a configuration has no "_class_name".
std::span<const NetworkInfo> networks();

using NetworkRows = std::span<const NetworkInfo>;

/// The keys of its configuration; those of `defaults` with their values there, the others without.
std::vector<Parameter> network_parameters(const NetworkInfo& row);

/// The row of config["_class_name"]; null for a name that no row has.
const NetworkInfo* find_network(const Json& config, NetworkRows rows = networks());

/// The same. Throws Error that lists what there is.
const NetworkInfo& network_row(const Json& config, NetworkRows rows = networks());

/// What is trained on such data where nobody chose: the first that is for them.
const NetworkInfo& usual_network(NetworkData data, NetworkRows rows = networks());

/// What training begins with: the name and the defaults.
Json default_network(const NetworkInfo& row);

/// The same for a row or a preset of that name, whatever its case. Throws Error that lists what
/// there is.
Json named_network(const std::string& name, NetworkRows rows = networks());

/// The configuration of the network that `name` names in place of that of another: its defaults,
/// and over them what was not merely the other's default.
Json of_other_network(const Json& config, const Json& name, NetworkRows rows = networks());

/// `config` without those keys: image_keys, for instance.
Json without_keys(Json config, std::span<const std::string_view> keys);

/// Builds it, with weights drawn from `seed`.
std::unique_ptr<Network> make_network(const Json& config, std::uint64_t seed,
                                      NetworkRows rows = networks());

/// Builds it for weights that come from elsewhere: all are zero.
std::unique_ptr<Network> make_blank_network(const Json& config, NetworkRows rows = networks());

/// Such a function: on what engine it runs is that one's business.
using NetworkMaker = std::function<std::unique_ptr<Network>(const Json& config, NetworkRows rows)>;

}  // namespace diffusion
