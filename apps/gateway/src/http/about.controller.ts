import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import type { VersionAnswer } from '#contracts';
import { asyncapiYaml } from '#contracts';
import type { Pack } from '#domain';
import { errorCodes } from '#domain';
import { PACK } from '#pipeline';
import { GATEWAY_SETTINGS } from '../gateway-settings.js';
import type { GatewaySettings } from '../gateway-settings.js';
import { RequestProblem } from './problem.js';

/** What this program is, what it publishes, and what its error codes mean. */
@Controller()
export class AboutController {
  constructor(
    @Inject(PACK) private readonly pack: Pack,
    @Inject(GATEWAY_SETTINGS) private readonly settings: GatewaySettings,
  ) {}

  @Get('version')
  version(): VersionAnswer {
    const { name, version } = this.pack;
    return { name: 'churnwatch', version: this.settings.version, pack: { name, version } };
  }

  @Get('asyncapi.yaml')
  @Header('content-type', 'application/yaml; charset=utf-8')
  asyncapi(): string {
    return asyncapiYaml();
  }

  @Get('errors/:code')
  @Header('content-type', 'text/markdown; charset=utf-8')
  async errorPage(@Param('code') asked: string): Promise<string> {
    const code = errorCodes.find((known) => known === asked);
    if (code === undefined) throw new RequestProblem(404, 'There is no such error code.');
    try {
      return await readFile(join(this.settings.errorPagesDir, `${code}.md`), 'utf8');
    } catch {
      throw new RequestProblem(404, 'The pages on error codes are not installed here.');
    }
  }
}
