// What MODEL names: anything that can denoise.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/models/data_units.hpp"
#include "lib/noise/denoiser.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/schedule/schedule.hpp"
#include "lib/xla/executable_cache.hpp"

namespace diffusion {

class ModelFile;

/// Whether a network that sees so many channels is one of pictures, rather than of latents, masks
/// or spectra, which may hold any number and are kept as they are.
inline bool has_pictures(std::size_t channels) { return channels == 1 || channels == 3; }

/// A model as sampling sees it. What it was trained on comes with it, so that the
/// command line need not say it again.
struct Model {
  Shape shape;                                // of one sample: H x W x C
  std::optional<Schedule> schedule;           // trained on; none: any will do
  int labels = 0;                             // how many classes it can be conditioned on
  std::vector<std::string> label_names = {};  // by class; may be empty
  bool unconditional = true;  // whether it answers without a label, as guidance needs it
  bool images = false;        // clean data lies in [-1, 1], and estimates of it may be clipped
  bool numbers = false;       // samples are no pictures, whatever their shape
  DataUnits units = {};       // of the numbers that its denoiser takes and gives
  Prediction predicts = Prediction::x0;  // what its network says, where there is one
  /// Whether few large batches suit it better than many small ones, and how many of them it had
  /// best be asked about at once.
  bool on_device = false;
  std::size_t batches_at_once = 1;

  /// Of the data set that it is made of, where it is one: what could not be used, "a.png: ...",
  /// and how many images could.
  std::vector<std::string> failures = {};
  std::size_t images_used = 0;

  /// A denoiser for a batch whose images have these classes (-1: none); an empty
  /// span is an unconditional batch of any size.
  std::function<Denoiser(std::span<const int> labels)> denoiser;

  /// Where set, to be called when all is asked and before the answers are relied on: what went
  /// wrong at the model's own end. Throws Error where the answers may be to other questions.
  std::function<std::optional<std::string>()> finish = {};

  /// The file that it was read from, open, where there is one: it tells how it was trained.
  std::shared_ptr<const ModelFile> file = {};
};

/// What has to be said of a program, which can't say it itself.
struct ExecOptions {
  std::optional<Prediction> predict = {};  // eps unless given; also of ModelOptions::schedule
  std::optional<Shape> shape = {};         // of one sample: H x W x C; needed
  std::optional<int> classes = {};         // how many labels it knows; 0 unless given
  std::optional<double> patience = {};     // seconds that it may be silent; 0: for ever
};

inline constexpr std::string_view usual_weights = "ema";

/// In what a network computes: products of float32 are exact to float32, or (tf32) rounded as a
/// device does it fastest.
enum class NetworkPrecision { float32, tf32, bf16 };
std::optional<NetworkPrecision> parse_network_precision(std::string_view name);

/// What runs a network.
struct EngineOptions {
  std::string device = "";           // a spec, see xla/device.hpp; "": the usual one
  std::string usual_device = "cpu";  // models without a network take no notice of it
  xla::BatchWatch watch = {};        // of programs that are compiled for a device
};

struct ModelOptions {
  /// Of a model file: "ema", "ema:RATE" or "raw"; of a folder of diffusers also a variant, "fp16";
  /// "": the usual ones.
  std::string weights = "";
  std::optional<NetworkPrecision> precision = {};
  std::string schedule = "";  // of a network of diffusers with no scheduler beside it: a spec
  EngineOptions engine = {};
  ExecOptions exec = {};  // for exec: alone
  Telling telling = {};   // of images that are read
  /// How to read those of empirical:, where that can be said.
  std::optional<ImageSetOptions> reading = {};

  std::string chosen_weights() const {
    return weights.empty() ? std::string(usual_weights) : weights;
  }
};

/// One row a kind of model that is named by a prefix ("mixture:FILE.json").
struct ModelInfo {
  std::string_view prefix, summary, reference;
  std::string_view nothing;  // what the prefix names alone: "no file"
  Model (*load)(const std::string& rest, const ModelOptions& options);
};

std::span<const ModelInfo> model_kinds();

/// Whether MODEL is the path of a model file: none of these kinds, and no folder.
bool names_model_file(const std::string& spec);

/// From "mixture:FILE.json" and the like, the path of a model file or a diffusers folder; its
/// denoisers throw NotFinite rather than answer what is no number. Throws Error, also for what is
/// said of a program or of a network where there is none, and for devices that are not there.
Model load_model(const std::string& spec, const ModelOptions& options = {});

}  // namespace diffusion
