// llama.cpp's own time for the tokens of a ranking, through its C API.
//
// usage: engine MODEL THREADS
// A request is {"shape": [reused, prompt, trie, sequences]}: `reused` positions are in the cache
// already; `prompt` positions and then `trie` tokens in `sequences` branches after them are read as
// embeddings, in batches of at most 512 as the ranker's; the last position of the prompt and every
// token of a branch ask for logits, since no candidate's last token is read. The answer has the
// milliseconds of the decodes.
#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONTEXT = 8192, SEQUENCES = 256, STEP = 512 };

static double milliseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec * 1e-6;
}

static void quiet(enum ggml_log_level level, const char *text, void *data)
{
    (void)level, (void)text, (void)data;
}

// The parameters are the ranker's (Shared/Llama/LlamaContext.swift).
static struct llama_context *make_context(struct llama_model *model, int threads)
{
    struct llama_context_params parameters = llama_context_default_params();
    parameters.n_ctx = CONTEXT;
    parameters.n_batch = STEP;
    parameters.n_ubatch = parameters.n_outputs_max = STEP;
    parameters.n_seq_max = SEQUENCES;
    parameters.n_threads = parameters.n_threads_batch = threads;
    parameters.kv_unified = true;
    parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    parameters.type_k = GGML_TYPE_F16;
    parameters.type_v = GGML_TYPE_BF16;
    parameters.no_perf = true;
    return llama_init_from_model(model, parameters);
}

static int decode(struct llama_context *context, struct llama_batch *batch)
{
    int code = batch->n_tokens > 0 ? llama_decode(context, *batch) : 0;
    llama_synchronize(context);
    batch->n_tokens = 0;
    return code;
}

// A position of the sequences from `first` on, `count` of them.
static int append(struct llama_context *context, struct llama_batch *batch, int position,
    int first, int count, int logits)
{
    int code = batch->n_tokens == STEP ? decode(context, batch) : 0;
    int i = batch->n_tokens++;
    batch->pos[i] = position;
    batch->n_seq_id[i] = count;
    for (int s = 0; s < count; s++)
        batch->seq_id[i][s] = first + s;
    batch->logits[i] = logits;
    return code;
}

static int read_prompt(struct llama_context *context, struct llama_batch *batch, int first,
    int count, int branches)
{
    int failed = 0;
    for (int i = 0; i < count; i++)
        failed |= append(context, batch, first + i, 0, branches, i == count - 1);
    return failed;
}

static int read_branches(
    struct llama_context *context, struct llama_batch *batch, int prompt, int tokens, int branches)
{
    int failed = 0;
    for (int b = 0; b < branches; b++) {
        int count = tokens * (b + 1) / branches - tokens * b / branches;
        for (int i = 0; i < count; i++)
            failed |= append(context, batch, prompt + i, b, 1, 1);
    }
    return failed | decode(context, batch);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return fprintf(stderr, "usage: engine MODEL THREADS\n"), 64;
    llama_log_set(quiet, NULL);
    struct llama_model *model =
        llama_model_load_from_file(arguments[1], llama_model_default_params());
    struct llama_context *context = model ? make_context(model, atoi(arguments[2])) : NULL;
    if (!context)
        return fprintf(stderr, "engine: cannot load %s\n", arguments[1]), 1;
    int width = llama_model_n_embd(model);
    struct llama_batch rows = llama_batch_init(STEP, width, SEQUENCES);
    for (long i = 0; i < (long)STEP * width; i++)
        rows.embd[i] = (float)rand() / (float)RAND_MAX * 0.2f - 0.1f;
    printf("{\"versions\": {\"llama.cpp\": \"C API\"}}\n");
    fflush(stdout);
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        int reused = 0, prompt = 0, trie = 0, branches = 0;
        char *shape = strchr(line, '[');
        if (!shape || sscanf(shape, "[%d,%d,%d,%d", &reused, &prompt, &trie, &branches) != 4
            || reused < 0 || prompt < 1 || reused + prompt > CONTEXT / 2 || trie < branches
            || branches < 1 || branches > SEQUENCES || trie > CONTEXT / 2) {
            printf("{\"error\": \"not a shape that fits\"}\n");
            fflush(stdout);
            continue;
        }
        llama_memory_t memory = llama_get_memory(context);
        llama_memory_clear(memory, false);
        int failed = read_prompt(context, &rows, 0, reused, 1) | decode(context, &rows);
        double start = milliseconds();
        for (int b = 1; b < branches; b++)
            llama_memory_seq_cp(memory, 0, b, 0, reused);
        failed |= read_prompt(context, &rows, reused, prompt, branches);
        failed |= read_branches(context, &rows, reused + prompt, trie, branches);
        double end = milliseconds();
        if (failed)
            printf("{\"error\": \"llama_decode failed\"}\n");
        else
            printf("{\"value\": %.3f}\n", end - start);
        fflush(stdout);
    }
    llama_batch_free(rows);
    llama_free(context);
    llama_model_free(model);
    return 0;
}
