#include "tools/train_eval.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/models/model.hpp"
#include "lib/train/likelihood.hpp"
#include "lib/train/loss_weight.hpp"
#include "tools/image_options.hpp"

namespace diffusion {
namespace {

constexpr std::size_t batch_size = 16;  // part of the result: a batch visits common steps

/// The images asked for, alike, and whether all of them have 8 bits.
struct Images {
  std::vector<Tensor> pixels;  // H x W x C each
  Decoder decoder = Decoder::eight_bit;
  std::size_t failures = 0;
};

Images load_images(const cli::Tool& tool, const EvalRequest& request, const Shape& shape) {
  ImageSetOptions options = request.reading;
  if (!options.channels && (shape[2] == 1 || shape[2] == 3)) options.channels = shape[2];
  const ImageSet set = open_images(request.data, options);
  Images images;
  while (images.pixels.size() < request.count) {
    const auto entry = set.next();
    if (!entry) break;
    std::optional<Image> image;
    try {
      image = entry->load();
    } catch (const Error& e) {
      tool.complain(e.what());
      ++images.failures;
      continue;
    }
    if (image->pixels.shape() != shape)
      throw Error(entry->name + ": is " + describe(image->pixels.shape()) +
                  " where the model needs " + describe(shape) + "; --size HxW resizes");
    if (image->depth != Depth::uint8) images.decoder = Decoder::density;
    images.pixels.push_back(std::move(image->pixels));
  }
  if (images.pixels.empty())
    throw Error("there is no image that " + request.model + " could judge");
  return images;
}

Tensor batch_of(const Images& images, std::size_t first, std::size_t count) {
  const Shape& shape = images.pixels[first].shape();
  Tensor batch(Shape{count, shape[0], shape[1], shape[2]});
  for (std::size_t n = 0; n < count; ++n)
    std::ranges::copy(images.pixels[first + n], batch.data() + n * images.pixels[first + n].size());
  return batch;
}

/// Sums that a mean and its standard error follow from.
struct Tally {
  double count = 0, sum = 0, squares = 0;
  void add(double value) {
    ++count;
    sum += value;
    squares += value * value;
  }
  double mean() const { return sum / count; }
  /// NaN of fewer than two.
  double error() const {
    const double variance = std::max(0.0, squares / count - mean() * mean());
    return count < 2 ? std::nan("") : std::sqrt(variance / (count - 1));
  }
};

struct Band {
  int first, last;  // of t
  Tally loss, eps, x0, bits;
};

std::vector<Band> make_bands(int steps, int wanted) {
  const int count = std::min(wanted, steps);
  std::vector<Band> bands;
  for (int i = 0; i < count; ++i)
    bands.push_back({1 + int(std::int64_t(i) * steps / count),
                     int((std::int64_t(i) + 1) * steps / count),
                     {},
                     {},
                     {},
                     {}});
  return bands;
}

Band& band_of(std::vector<Band>& bands, int t) {
  return *std::ranges::lower_bound(bands, t, {}, &Band::last);
}

/// What a model file was trained to make small, as a factor of the squared error of x0.
using LossFactor = std::function<double(const NoiseLevel&)>;

LossFactor loss_factor(const std::string& path) {
  if (path.starts_with("mixture:")) return {};
  const ModelFile file(path);
  const Prediction prediction = file.prediction();
  const LossWeight weight =
      make_loss_weight(file.description().objective.value("weight", "uniform"));
  return [=](const NoiseLevel& at) {
    const double k = x0_recovery(prediction, at).from_prediction;
    return weight(prediction, at) / (k * k);
  };
}

struct Evaluation {
  int steps;  // T
  std::size_t images, terms;
  Decoder decoder;
  std::vector<Band> bands;
  Tally prior, kl, last, total;
};

ReverseVariance variance_named(const std::string& name) {
  if (name == "large") return ReverseVariance::large;
  return name == "learned" ? ReverseVariance::learned : ReverseVariance::small;
}

Schedule schedule_of(const Model& model, const EvalRequest& request) {
  if (request.schedule.empty()) return model.schedule ? *model.schedule : make_schedule("cosine");
  Schedule schedule = load_schedule(request.schedule);
  if (model.schedule && model.schedule->path != schedule.path)
    throw Error(request.schedule + ": its process is another than the one " + request.model +
                " was trained on (" + model.schedule->family + ")");
  return schedule;
}

Evaluation run(const cli::Tool& tool, const EvalRequest& request, const Model& model,
               const Images& images) {
  const Schedule schedule = schedule_of(model, request);
  const LossFactor factor = loss_factor(request.model);
  const BoundOptions options{
      .schedule = schedule,
      .terms = std::size_t(request.steps),
      .decoder = images.decoder,
      .variance = variance_named(request.variance),
      .clipping = model.images && !request.no_clip ? Clipping::to_range : Clipping::none,
      .noise = NoiseSource(request.seed, "diff-train eval")};
  Evaluation found{.steps = schedule.steps(),
                   .images = images.pixels.size(),
                   .terms = std::min(options.terms, std::size_t(schedule.steps()) - 1),
                   .decoder = images.decoder,
                   .bands = make_bands(schedule.steps(), request.bands),
                   .prior = {},
                   .kl = {},
                   .last = {},
                   .total = {}};
  const Denoiser denoise = model.denoiser({});
  Progress progress(tool.progress(), "evaluating", found.images, "images");
  for (std::size_t first = 0; first < found.images; first += batch_size) {
    const std::size_t count = std::min(batch_size, found.images - first);
    const auto bounds = variational_bounds(
        denoise, batch_of(images, first, count), first, options, [&](const BoundVisit& visit) {
          stop_if_interrupted();
          Band& band = band_of(found.bands, visit.t);
          if (factor) band.loss.add(factor(schedule.at(visit.t)) * visit.x0_error);
          band.eps.add(visit.eps_error);
          band.x0.add(visit.x0_error);
          band.bits.add(visit.bits);
        });
    for (const Bound& bound : bounds) {
      found.prior.add(bound.prior);
      found.kl.add(bound.steps);
      found.last.add(bound.decoder);
      found.total.add(bound.total());
    }
    progress.update(first + count);
  }
  progress.finish();
  return found;
}

std::string decoder_name(Decoder decoder) {
  return decoder == Decoder::eight_bit ? "8-bit values" : "density on [-1, 1]";
}

std::string number(double value) { return significant(value, 5); }

void print_text(const Evaluation& found) {
  const bool with_loss = found.bands.front().loss.count > 0 || found.bands.back().loss.count > 0;
  std::cout << "t" << (with_loss ? "\tloss" : "") << "\teps_mse\tx0_mse\tbits_per_term\tterms\n";
  for (const Band& band : found.bands) {
    std::cout << band.first << "-" << band.last;
    std::vector<const Tally*> tallies = {&band.eps, &band.x0, &band.bits};
    if (with_loss) tallies.insert(tallies.begin(), &band.loss);
    for (const Tally* tally : tallies)
      std::cout << '\t' << (tally->count > 0 ? number(tally->mean()) : "-");
    std::cout << '\t' << std::to_string(std::size_t(band.bits.count)) << '\n';
  }
  const auto line = [](const char* name, const Tally& tally) {
    std::cout << name << '\t' << number(tally.mean()) << '\t'
              << (tally.count > 1 ? number(tally.error()) : "-") << '\n';
  };
  std::cout << "\nbits_per_dimension\tmean\tstandard_error\n";
  line("prior", found.prior);
  line("steps", found.kl);
  line("decoder", found.last);
  line("bound", found.total);
}

Json tally_json(const Tally& tally) {
  if (tally.count == 0) return nullptr;
  return {{"mean", number_to_json(tally.mean())},
          {"standard_error", tally.count > 1 ? number_to_json(tally.error()) : Json()}};
}

Json to_json(const Evaluation& found) {
  Json bands = Json::array();
  for (const Band& band : found.bands)
    bands.push_back({{"t", {band.first, band.last}},
                     {"terms", std::size_t(band.bits.count)},
                     {"loss", tally_json(band.loss)},
                     {"eps_mse", tally_json(band.eps)},
                     {"x0_mse", tally_json(band.x0)},
                     {"bits_per_term", tally_json(band.bits)}});
  return {{"images", found.images},
          {"T", found.steps},
          {"terms", found.terms},
          {"decoder", decoder_name(found.decoder)},
          {"bands", std::move(bands)},
          {"bits_per_dimension",
           {{"prior", tally_json(found.prior)},
            {"steps", tally_json(found.kl)},
            {"decoder", tally_json(found.last)},
            {"bound", tally_json(found.total)}}}};
}

}  // namespace

CLI::App* add_eval(cli::Tool& tool, EvalRequest& request) {
  CLI::App* app = tool.app().add_subcommand(
      "eval", "Print loss by noise level and bits per dimension on images");
  app->add_option("model", request.model, "A model file, or mixture:FILE.json")
      ->type_name("MODEL")
      ->required();
  app->add_option("data", request.data, "Images: folders, files, arrays, archives")
      ->type_name("DATA")
      ->required();
  app->add_option("-n,--count", request.count, "How many images, from the first (default: 100)")
      ->check(cli::whole_number(1, std::uint64_t(1) << 40))
      ->type_name("N");
  app->add_option("--steps", request.steps, "Terms of the bound visited an image (default: 100)")
      ->check(cli::whole_number(1, max_steps))
      ->type_name("N");
  app->add_option("--bands", request.bands, "Bands of t in the table (default: 10)")
      ->check(cli::whole_number(1, 1000))
      ->type_name("N");
  app->add_option("--variance", request.variance,
                  "Of the reverse steps: small, large or learned (default: small)")
      ->check(CLI::IsMember({"small", "large", "learned"}).description(""))
      ->type_name("NAME");
  app->add_option("-s,--schedule", request.schedule,
                  "Schedule (default: the model's own; cosine where it has none)")
      ->type_name("SCHEDULE");
  app->add_option("--weights", request.weights, "ema, ema:RATE or raw (default: ema)")
      ->type_name("WHICH");
  app->add_flag("--no-clip", request.no_clip, "Do not limit estimates of clean images to [-1, 1]");
  app->add_option("--seed", request.seed, "The seed of all draws (default: 0)")
      ->check(cli::whole_number())
      ->type_name("N");
  app->add_flag("--json", request.json, "Print one JSON document");
  cli::add_image_options(*app, request.reading);
  return app;
}

cli::ExitCode evaluate(cli::Tool& tool, const EvalRequest& request) {
  catch_interrupts();
  const Model model = load_model(request.model, {.weights = request.weights});
  const Images images = load_images(tool, request, model.shape);
  const Evaluation found = run(tool, request, model, images);
  if (request.json)
    std::cout << to_text(to_json(found));
  else
    print_text(found);
  tool.explain("bits of " + decoder_name(found.decoder) + ", " + std::to_string(found.images) +
               " images, " + std::to_string(found.terms) + " of " +
               std::to_string(found.steps - 1) + " KL terms each");
  return images.failures > 0 ? cli::partial : cli::done;
}

}  // namespace diffusion
