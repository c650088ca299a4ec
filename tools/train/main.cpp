// diff-train: images -> a network that takes noise away.
#include <filesystem>
#include <iostream>

#include "lib/base/interrupt.hpp"
#include "lib/base/json.hpp"
#include "lib/models/describe.hpp"
#include "tools/cli/tool.hpp"
#include "tools/train/average.hpp"
#include "tools/train/eval.hpp"
#include "tools/train/export.hpp"
#include "tools/train/import.hpp"
#include "tools/train/run.hpp"

using namespace diffusion;

int main(int argc, char** argv) {
  cli::Tool tool(
      "diff-train", "train a diffusion model on images or points",
      {{"diff-train photos/ -o model.safetensors", "train on a folder of images"},
       {"diff-train -s s.json photos/ -o model.safetensors --steps 5000 --log loss.jsonl",
        "on a schedule of your own, longer, with a loss log"},
       {"diff-train photos/ -o model.safetensors --resume", "go on after Ctrl-C"},
       {"diff-train photos/ -o model.safetensors --max-time 1h --resume auto",
        "an hour's work, the first or the next; exit status 3: there is more to do"},
       {"mpirun -np 4 diff-train photos/ -o model.safetensors", "by four processes together"},
       {"diff-train eval model.safetensors held-out/", "loss by noise level, bits per dimension"},
       {"diff-train average model.snapshot-*.safetensors --sigma-rel 0.15 -o average.safetensors",
        "an average of another length, after the fact"},
       {"diff-train show model.safetensors", "print what a model file holds"},
       {"diff-train export model.safetensors -o folder", "a folder that diffusers loads"},
       {"diff-train import DiT-XL-2-256x256.pt --as dit -o dit.safetensors",
        "a model file of another program's network"}});
  TrainRequest request;
  add_train_options(tool, request);

  std::string model;
  bool as_json = false, layers = false;
  const cli::Flags showing = tool.add_command("show", "Print what a model file holds");
  showing.add({.names = "model",
               .value = "MODEL",
               .help = "A model file or a diffusers folder",
               .values = cli::files({".safetensors"}),
               .required = true},
              model);
  showing.add({"--json", "", "Print one JSON document, with all arrays"}, as_json);
  showing.add({"--layers", "", "Print the layers of its network instead"}, layers);
  const CLI::App* const show = &showing.app();

  EvalRequest judged;
  const CLI::App* const eval = add_eval(tool, judged);
  ExportRequest exported;
  const CLI::App* const write_out = add_export(tool, exported);
  ImportRequest imported;
  const CLI::App* const read_in = add_import(tool, imported);
  AverageRequest averaged;
  const CLI::App* const average = add_average(tool, averaged);
  tool.add_list();

  return tool.run(argc, argv, [&] {
    catch_interrupts();
    if (show->parsed()) {
      std::error_code none;
      const Described shown = std::filesystem::is_directory(model, none)
                                  ? described_folder(model)
                                  : described(ModelFile(model));
      if (as_json)
        std::cout << to_text(layers ? layers_to_json(shown) : model_to_json(shown));
      else
        std::cout << (layers ? layers_to_text(shown) : model_to_text(shown));
      return cli::done;
    }
    if (eval->parsed()) return evaluate(tool, judged);
    if (write_out->parsed()) return export_model(tool, exported);
    if (read_in->parsed()) return import_model(tool, imported);
    if (average->parsed()) return write_average(tool, averaged);
    settle(request);
    if (request.print_config) {
      std::cout << to_text(resolved_config(tool, request));
      return cli::done;
    }
    return train(tool, request);
  });
}
