// The API's own pages, offline.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import {$, config} from './drawing.js';

SwaggerUI({
  domNode: $('#docs'),
  url: config.document,
  deepLinking: true,
  requestInterceptor: (request) => {
    request.headers['X-CSRF-Token'] = config.csrf;
    return request;
  },
});
document.body.dataset.ready = 'docs';
