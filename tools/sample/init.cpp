#include "tools/sample/init.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/start_data.hpp"
#include "lib/train/picture_reading.hpp"
#include "tools/cli/image_options.hpp"

namespace diffusion {
namespace {

constexpr double usual_strength = 0.8;

/// The first flag that says how images are read, or "".
std::string reading_flag(const ImageSetOptions& reading) {
  if (reading.size) return "--size";
  if (reading.crop) return "--crop";
  if (reading.channels) return *reading.channels == 1 ? "--gray" : "--rgb";
  if (reading.orient) return "--orient";
  if (reading.sixteen) return "--16-bit";
  if (reading.layout) return "--layout";
  if (reading.range) return "--range";
  return reading.opacity ? "--alpha" : "";
}

void refuse_without_init(const InitRequest& request, const Model& model) {
  if (!request.data.empty()) return;
  if (!request.mask.empty())
    throw Error("--mask: says which part of images to keep; name them with --init");
  if (request.strength)
    throw Error("--strength: says how far to change images; name them with --init");
  const std::string flag = reading_flag(request.reading);
  const bool of_images = model.images_used > 0;
  if (!flag.empty() && !of_images)
    throw Error(flag + ": says how images are read; name them with --init, or as empirical:DATA");
}

void check_numbers(const InitRequest& request) {
  if (request.strength && !(*request.strength > 0 && *request.strength <= 1))
    throw Error("--strength: must lie in 0 to 1, above 0, got " + shortest(*request.strength));
  if (!request.mask.empty()) return;
  if (request.resample) throw Error("--resample: is for painting part of images; say --mask");
  if (request.jump) throw Error("--jump: is for painting part of images; say --mask");
}

/// An array of floats is one of states where nothing else is said, and noise lies on both sides
/// of 0. Those of mixtures may lie anywhere above 1.
void warn_of_pictures(const Tensor& states, const Model& model, const InitRequest& request) {
  const auto [least, greatest] = std::ranges::minmax(states);
  if (least < 0 || least == greatest || greatest > (model.images ? 255.0f : 1.0f)) return;
  const std::string white = greatest > 1 ? "255" : "1";
  request.reading.telling.say(request.data + ": is taken for states, and all values lie in 0 to " +
                              white + "; images need --strength, and --range 0," + white +
                              " if their black is 0");
}

void need_a_mask_each(const Tensor& masks, const ModelImages& images, const std::string& culprit) {
  const std::size_t count = masks.shape()[0];
  if (count == 1) return;
  if (!images.failures.empty())
    throw Error(images.failures.front() +
                "; none may be left out, since masks go with images by their numbers");
  if (count != images.size())
    throw Error(culprit + ": holds " + std::to_string(count) + " masks where --init holds " +
                std::to_string(images.size()) + " images (needs one, or one for each)");
}

}  // namespace

void add_init_options(const cli::Flags& flags, InitRequest& request) {
  flags.add({"--init", "DATA",
             "Begin from states (.npy of floats) or, noised, from images (any DATA)", cli::files()},
            request.data);
  flags.add({.names = "--strength",
             .value = "S",
             .help = "Share of the steps that --init images go through, above 0 to 1",
             .otherwise = "0.8"},
            request.strength);
  flags.add(
      {"--mask", "DATA", "Paint --init images anew where this is white or 1, keep them elsewhere",
       cli::files()},
      request.mask);
  flags.add({.names = "--resample",
             .value = "R",
             .help = "With --mask: how often each stretch is walked",
             .values = cli::whole(1, 1000),
             .otherwise = "10"},
            request.resample);
  flags.add({.names = "--jump",
             .value = "J",
             .help = "With --mask: steps of such a stretch",
             .values = cli::whole(1, 1'000'000),
             .otherwise = "10, or a fifth of --steps"},
            request.jump);
  cli::add_image_options(flags, request.reading);
  cli::add_opacity(flags, request.reading);
}

std::size_t Init::count() const {
  return states ? states->shape()[0] : images ? images->shape()[0] : 0;
}

Init read_init(const cli::Tool& tool, const Model& model, const InitRequest& request) {
  refuse_without_init(request, model);
  check_numbers(request);
  Init init;
  if (request.data.empty()) return init;
  const bool masked = !request.mask.empty();
  if (!request.strength && !masked)
    if (auto states = read_states(model.shape, request.data)) {
      warn_of_pictures(states->pixels, model, request);
      cli::complain_of(tool, states->failures, states->size(), request.data);
      init.left_out = states->failures.size();
      init.states = std::move(states->pixels);
      return init;
    }
  const ImageSetOptions reading = as_trained(request.reading, model);
  ModelImages images = read_clean_images(model, request.data, reading);
  if (masked) {
    init.mask = read_mask(model.shape, request.mask, reading);
    need_a_mask_each(*init.mask, images, request.mask);
  }
  cli::complain_of(tool, images.failures, images.size(), request.data);
  init.left_out = images.failures.size();
  init.images = model.units.to_network(std::move(images.pixels));
  init.strength = request.strength.value_or(masked ? 1 : usual_strength);
  init.start_from_images = request.strength || !masked;
  return init;
}

std::optional<Inpainting> inpainting_of(const Init& init, const InitRequest& request,
                                        const std::string& sampler, std::size_t steps) {
  if (!init.mask) return std::nullopt;
  return inpainting_of(*init.images, *init.mask, sampler, steps,
                       {.resample = request.resample, .jump = request.jump});
}

}  // namespace diffusion
